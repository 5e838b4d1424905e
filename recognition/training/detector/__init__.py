"""The one-class product detector: model, starting weights, data, assignment, losses, training, export."""
