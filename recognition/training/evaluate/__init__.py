"""Figures of the models and the pipeline on labelled data; free of torch and Django."""
