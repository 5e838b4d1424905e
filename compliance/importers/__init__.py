"""Planograms in and out: PSA, Azure-style JSON, CSV. Bytes in, typed values and a report of every row left out."""
