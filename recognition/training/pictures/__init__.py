"""Labelled pictures for the recipes: where they come from, how batches are drawn, how they are varied."""
