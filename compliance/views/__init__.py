"""The planogram screens."""
