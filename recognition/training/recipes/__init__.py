"""Recipes: a backbone, a head and a loss put together and trained on a folder of labelled pictures."""
