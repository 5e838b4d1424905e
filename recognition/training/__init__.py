"""Everything that makes the shipped weights: rendered and licensed data, training, export and evaluation.

Serving never imports this package. ``python -m recognition.training --help`` lists its commands.
"""
