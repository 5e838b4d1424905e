"""Runs: what was trained or measured, from which data, how it went, what came of it. No torch, no Django.

A run is a folder with ``run.json`` (kind, config, seed, commit, data, machine, times, figures, and files with
their hashes) and ``curves.jsonl`` (a line of figures a step). ``run.json`` is there from the start; a run
that broke off has no ``ended``. A run whose folder also has a ``manifest.json`` of models (see
``recognition.runtime.manifest``) can be registered: ``manage.py register_model RUN``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recognition.training.datasets import MANIFEST, DataSet
from recognition.training.datasets import read as read_data
from recognition.training.provenance import commit, machine, sha256_of

RUN, CURVES = "run.json", "curves.jsonl"


@dataclass(slots=True)
class Run:
    """A run under way; ``start_run`` begins one."""

    folder: Path
    facts: dict[str, Any]
    _began: float = field(default_factory=time.monotonic)

    def log(self, step: int, **figures: float) -> None:
        """Add a point to the curves, with the minutes since the start."""
        minutes = round((time.monotonic() - self._began) / 60, 3)
        values = {name: _number(value) for name, value in figures.items()}
        line = json.dumps({"step": step, "minutes": minutes} | values)
        with (self.folder / CURVES).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def finish(self, files: Iterable[Path | str] = (), figures: Mapping[str, Any] | None = None) -> Path:
        """Close the run: hash ``files`` of its folder, note the last figures; return the path of run.json.

        Raises ValueError for a file that is not in the run's folder, OSError for one that is not there.
        """
        kept = {}
        for name in files:
            path = (self.folder / name).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                raise ValueError(f"{name} is not in the run's folder {self.folder}")
            inside = path.relative_to(self.folder.resolve()).as_posix()
            kept[inside] = {"sha256": sha256_of(path), "bytes": path.stat().st_size}
        self.facts |= {"ended": _now(), "figures": dict(figures or {}), "files": kept}
        return _write(self.folder, self.facts)


def start_run(
    kind: str, config: Any, seed: int, data: DataSet | Path | str | Mapping[str, str] | None, out: Path
) -> Run:
    """Begin a run in the folder ``out`` and write down what is known by now.

    kind: what is done, e.g. ``train-embedder``. config: a mapping or dataclass of settings. data: a data set,
    the folder or manifest of one, several versions by name, or the words that say what was used (``rendered,
    seeds 1-5000``).
    An earlier run's record in the same folder is kept beside as ``run-1.json`` and so on.
    """
    out.mkdir(parents=True, exist_ok=True)
    _set_aside(out)
    facts: dict[str, Any] = {
        "kind": kind,
        "config": _plain(asdict(config) if is_dataclass(config) and not isinstance(config, type) else config),
        "seed": seed,
        "commit": commit(),
        "data": _data(data),
        "machine": machine(),
        "started": _now(),
    }
    _write(out, facts)
    return Run(out, facts)


def read_run(folder: Path) -> dict[str, Any]:
    """What a run wrote down, with its ``curves``. Raises OSError or ValueError if it is no run."""
    facts = json.loads((folder / RUN).read_text(encoding="utf-8"))
    if not isinstance(facts, dict) or "kind" not in facts:
        raise ValueError(f"{folder / RUN} is not the record of a run: it has no field 'kind'")
    curves = folder / CURVES
    lines = curves.read_text(encoding="utf-8").splitlines() if curves.is_file() else []
    return facts | {"curves": [json.loads(line) for line in lines]}


def altered(folder: Path) -> list[str]:
    """The names of a run's files that are gone or are no longer what the run made."""
    files = read_run(folder).get("files", {})
    return [
        name
        for name, facts in files.items()
        if not (folder / name).is_file() or sha256_of(folder / name) != facts["sha256"]
    ]


def _data(data: DataSet | Path | str | Mapping[str, str] | None) -> dict[str, Any] | None:
    if isinstance(data, Path):
        data = read_data(data) if data.is_file() or (data / MANIFEST).is_file() else str(data)
    if isinstance(data, DataSet):
        return {"version": data.version, "files": len(data.items), "labels": len(data.labels())}
    if isinstance(data, Mapping):
        return {"versions": dict(data)}
    return {"about": data} if data else None


def _set_aside(folder: Path) -> None:
    """Keep the record and curves of an earlier run in the same folder."""
    if not (folder / RUN).exists():
        return
    number = 1
    while (folder / f"run-{number}.json").exists():
        number += 1
    (folder / RUN).rename(folder / f"run-{number}.json")
    if (folder / CURVES).exists():
        (folder / CURVES).rename(folder / f"curves-{number}.jsonl")


def _write(folder: Path, facts: Mapping[str, Any]) -> Path:
    path = folder / RUN
    part = path.with_suffix(".part")
    part.write_text(json.dumps(_plain(facts), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: paths and other objects as text, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return _number(value)


def _number(value: Any) -> Any:
    """A float (also numpy's or torch's) as one, anything else as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
