"""Shipped models and how they run: the manifest that names them, and the ONNX sessions that execute them."""
