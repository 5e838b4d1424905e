"""Layers that recipes put between a backbone and their loss."""
