"""ALIKE, a small learned finder of key points (Zhao et al., 2022), with its published weights; to ONNX."""
