"""The steps from a photo to a shelf layout, one file each; ``recognition.pipeline`` puts them in order."""
