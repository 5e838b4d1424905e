"""Versions of data sets, and splits without leaks."""

from dataclasses import replace
from pathlib import Path

import pytest

from recognition.training import datasets
from recognition.training.__main__ import main
from recognition.training.datasets import DataSet, Item


def make_folder(root: Path, labels: int = 12, pictures: int = 3) -> Path:
    """Folders named as labels; the files' bytes differ, and what is in them does not matter here."""
    for label in range(labels):
        folder = root / f"sku-{label:02}"
        folder.mkdir(parents=True)
        for number in range(pictures):
            (folder / f"{number}.jpg").write_bytes(f"{label} {number}".encode())
    return root


def test_a_version_names_content_and_labels_and_nothing_else(tmp_path: Path) -> None:
    first = datasets.from_folder(make_folder(tmp_path / "one"))
    second = datasets.from_folder(make_folder(tmp_path / "elsewhere"))
    assert first.version == second.version
    assert len(first.items) == 36
    assert sorted(first.labels()) == [f"sku-{label:02}" for label in range(12)]
    relabelled = replace(first, items=(replace(first.items[0], label="other"), *first.items[1:]))
    assert relabelled.version != first.version
    (tmp_path / "elsewhere" / "sku-03" / "1.jpg").write_bytes(b"another picture")
    assert datasets.from_folder(tmp_path / "elsewhere").version != first.version


def test_reads_what_it_writes_and_finds_what_was_altered(tmp_path: Path) -> None:
    data = datasets.from_folder(make_folder(tmp_path, 2))
    datasets.write(data)
    assert datasets.read(tmp_path) == data
    assert datasets.verify(data) == []
    (tmp_path / "sku-00" / "0.jpg").write_bytes(b"something else")
    (tmp_path / "sku-01" / "2.jpg").unlink()
    altered, missing = datasets.verify(data)
    assert altered.startswith("sku-00/0.jpg was altered")
    assert missing == "sku-01/2.jpg is missing"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("not json", "line 1: not valid JSON"),
        ('{"file": 3, "sha256": "a"}', "field 'file' should be text, found 3"),
        ('{"file": "a.jpg"}', "field 'sha256' should be text, found None"),
        ('{"file": "../a.jpg", "sha256": "a"}', "not inside the data set's folder"),
    ],
)
def test_a_wrong_manifest_is_named_by_line_and_field(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / datasets.MANIFEST).write_text(line + "\n")
    with pytest.raises(ValueError, match=problem):
        datasets.read(tmp_path)


def test_a_split_tears_nothing_apart(tmp_path: Path) -> None:
    items = [Item(f"{n}.jpg", f"sku {n % 40}", f"brand {n % 20}", f"hash {n}") for n in range(400)]
    twin = Item("twin.jpg", "sku of another brand", "brand of its own", "hash 7")
    data = DataSet(tmp_path, (*items, twin))
    parts = datasets.split(data, {"train": 0.7, "test": 0.3}, seed=3)
    train, test = ({item.group for item in parts[name].items} for name in ("train", "test"))
    assert train
    assert test
    assert not train & test
    assert not {i.sha256 for i in parts["train"].items} & {i.sha256 for i in parts["test"].items}
    assert len(parts["train"].items) + len(parts["test"].items) == len(data.items)


def test_what_is_held_back_stays_held_back_when_the_set_grows(tmp_path: Path) -> None:
    items = tuple(Item(f"{n}.jpg", f"sku {n}", f"photo {n}", f"hash {n}") for n in range(300))
    shares = {"train": 0.8, "test": 0.2}
    before = datasets.split(DataSet(tmp_path, items[:100]), shares)["test"].items
    after = datasets.split(DataSet(tmp_path, items), shares)["test"].items
    assert before
    assert set(before) <= set(after)
    assert set(after) & set(items[:100]) == set(before)
    assert 30 < len(after) < 90


def test_a_split_refuses_shares_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sum to 1, got"):
        datasets.split(DataSet(tmp_path, ()), {"train": 0.8, "test": 0.1})


def test_the_command_makes_checks_and_splits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_folder(tmp_path / "data")
    assert main(["dataset", "make", str(folder)]) == 0
    assert main(["dataset", "verify", str(folder)]) == 0
    assert main(["dataset", "split", str(folder), "--by", "label", "--test", "0.4"]) == 0
    train, test = (datasets.read(folder / f"{name}.jsonl") for name in ("train", "test"))
    assert len(train.items) + len(test.items) == 36
    assert not set(train.labels()) & set(test.labels())
    (folder / "sku-00" / "0.jpg").unlink()
    assert main(["dataset", "verify", str(folder)]) == 1
    assert "sku-00/0.jpg is missing" in capsys.readouterr().out


def test_pictures_of_one_product_may_be_told_apart_but_not_equal_ones(tmp_path: Path) -> None:
    items = [Item(f"{n}.jpg", "sku", "sku", f"hash {n // 2}") for n in range(40)]
    parts = datasets.split(DataSet(tmp_path, tuple(items)), {"train": 0.5, "test": 0.5}, by="picture")
    train, test = ({item.sha256 for item in parts[name].items} for name in ("train", "test"))
    assert train
    assert test
    assert not train & test


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["split", "{}/photos"], "has no manifest.jsonl; cut-crops or dataset make write it"),
        (["split", "{}/set", "--test", "1.5"], "the shares of a split lie between 0 and 1"),
    ],
)
def test_what_cannot_be_split_is_said(tmp_path: Path, arguments: list[str], problem: str) -> None:
    (tmp_path / "photos").mkdir()
    datasets.write(datasets.from_folder(make_folder(tmp_path / "set", 2)))
    with pytest.raises(SystemExit, match=problem):
        main(["dataset", *(part.format(tmp_path) for part in arguments)])
