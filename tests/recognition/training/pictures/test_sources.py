"""Pictures are found by folder, manifest or list, and brands stay on one side of a split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recognition.training.__main__ import main
from recognition.training.datasets import split
from recognition.training.pictures.sources import labelled, read_brands, read_source


def test_no_brand_is_on_both_sides_of_a_split(shelf: Path) -> None:
    brands = read_brands(shelf / "catalog.csv")
    data = read_source(str(shelf / "photos"), brands)
    for seed in range(5):
        parts = split(data, {"train": 0.6, "test": 0.4}, seed)
        train, test = ({brands[item.label] for item in part.items} for part in parts.values())
        assert train.isdisjoint(test)
        assert train | test == set(brands.values())


def test_the_command_splits_by_brand(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = str(shelf / "photos")
    main(["dataset", "make", photos, "--brands", str(shelf / "catalog.csv")])
    main(["dataset", "split", photos, "--test", "0.4", "--seed", "1"])
    brands = read_brands(shelf / "catalog.csv")
    train, test = (
        {brands[item.label] for item in read_source(f"{photos}/{part}.jsonl").items}
        for part in ("train", "test")
    )
    assert train
    assert test
    assert train.isdisjoint(test)
    assert "55 pictures, 10 labels" in capsys.readouterr().out


def test_a_list_gives_the_lines_that_were_asked_for(shelf: Path) -> None:
    rows = [
        f"photos/{folder.name}/{picture.name},{folder.name},{'test' if picture.stem == '0' else 'train'}"
        for folder in sorted((shelf / "photos").iterdir())
        for picture in sorted(folder.iterdir())
    ]
    (shelf / "list.csv").write_text("path,class_name,split\n" + "\n".join(rows))

    train = labelled(read_source(f"{shelf}/list.csv?split=train"))
    test = labelled(read_source(f"{shelf}/list.csv?split=test"))

    assert (len(train), len(test)) == (45, 10)
    assert set(train.names) < set(test.names)  # one product has a single picture
    assert all(file.is_file() for file in train.files)
    assert [train.names[i] for i in train.label] == [file.parent.name for file in train.files]


def test_labels_keep_the_index_of_the_training_set(shelf: Path) -> None:
    data = read_source(str(shelf / "photos"))
    names = ("a", *sorted(data.labels()))
    assert labelled(data, names).label.min() == 1
    fewer = labelled(data, ("alba-1", "echo-9"))
    assert np.bincount(fewer.label).tolist() == [2, 10]
    with pytest.raises(ValueError, match="no pictures of cola; there are those of alba-0"):
        labelled(data, ("cola",))


def test_what_cannot_be_read_is_said(shelf: Path) -> None:
    (shelf / "bad.csv").write_text("photo,label\n")
    (shelf / "list.csv").write_text("path,label\nphotos/alba-0/0.png,alba-0\n")
    (shelf / "gap.csv").write_text("path,label\nphotos/alba-0/0.png,alba-0\nphotos/gone.png,alba-0\n")
    for source, problem in (
        (f"{shelf}/nowhere", "neither a folder nor a list"),
        (f"{shelf}/bad.csv", "expected a column called file or path or image; it has photo, label"),
        (f"{shelf}/gap.csv", "1 of 2 pictures are not there, 'photos/gone.png' for one"),
        (f"{shelf}/list.csv?split=test", "has no column split"),
        (f"{shelf}/list.csv?label=x", "no line has label x"),
        (f"{shelf}/photos?split=test", "only a .csv list"),
    ):
        with pytest.raises(ValueError, match=problem):
            read_source(source)
    with pytest.raises(ValueError, match="no column brand and no column sku"):
        read_brands(shelf / "bad.csv")


def test_packshots_are_named_by_their_files(shelf: Path) -> None:
    folder = shelf / "packshots"
    folder.mkdir()
    for sku in ("alba-0", "brio-2"):
        (shelf / "photos" / sku / "0.png").rename(folder / f"{sku}.png")
    data = read_source(str(folder), read_brands(shelf / "catalog.csv"))
    assert [(item.label, item.group) for item in data.items] == [("alba-0", "Alba"), ("brio-2", "Brio")]
