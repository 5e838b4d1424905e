"""A sample organisation: invented products, drawn shelves with known faults, really recognised."""
