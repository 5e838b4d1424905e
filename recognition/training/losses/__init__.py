"""Losses, composed from small parts: each a function of tensors, each with hand-worked values in its test."""
