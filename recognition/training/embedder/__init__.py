"""The product embedder: its data, its net, its losses, its training and its export."""

SIZE = 160
"""Side of the net's square input, pixels."""
MAX_STRETCH = 1.6
"""How much more one axis of a crop may be scaled than the other to fill the square."""
PAD = 127
"""Grey level of what stays empty."""
