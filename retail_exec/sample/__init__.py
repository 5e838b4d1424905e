"""A sample organisation to look around in: invented products, drawn shelves with known faults, real results."""
