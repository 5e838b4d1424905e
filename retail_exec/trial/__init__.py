"""Trying the product on files alone: a gallery thrown away afterwards, results as JSON and pictures."""
