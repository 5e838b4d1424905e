"""The shelf renderer: invented or given products on shelves, photographed, with the whole truth known.

numpy, OpenCV and Pillow only. Everything is a function of its seed: the same seed draws the same pixels on
the same library versions.

    catalogue  PackSpec, and invented or given lists of them
    packs      one product's front view, and its packshot on white
    scene      a photo of a shelf with boxes, rows, positions, tags and gaps known
    crops      quick shelf-like crops of one product, to train the embedder
"""
