"""KPI definitions as a YAML or JSON file, and back, with errors that name what was found and expected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml

from compliance.kpis.registry import REGISTRY
from compliance.models import KpiDefinitions

FORMAT = "kpi-definitions/1"
FIELDS = ("format", "version", "key", "note", "kpis")
KPI_FIELDS = ("revision", "explanation", "options")
LARGEST = 1_000_000


class DefinitionsFileError(ValueError):
    """The file cannot be used. errors: one sentence each, with the place in the file."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors))


@dataclass(frozen=True)
class DefinitionsFile:
    """What a file says. options: by KPI. remarks: read, but worth a look."""

    options: dict[str, dict[str, object]]
    note: str
    remarks: list[str]


def write(definitions: KpiDefinitions, form: str) -> str:
    """The version as text. form: "yaml" or "json". Reading it again gives the same definitions."""
    told = {
        "format": FORMAT,
        "version": definitions.version,
        "key": definitions.key,
        "note": definitions.note,
        "kpis": definitions.configuration,
    }
    if form == "json":
        return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)


def read(data: bytes) -> DefinitionsFile:
    """Read a file of either form. Every KPI and option that it leaves out keeps its usual value.

    Raises DefinitionsFileError with all that is wrong.
    """
    told = _parse(data)
    if not isinstance(told, dict):
        raise DefinitionsFileError([f"The file: found {_kind(told)}, expected a table with format and kpis."])
    errors = [
        f"{name}: found an unknown field, expected one of {', '.join(FIELDS)}."
        for name in told
        if name not in FIELDS
    ]
    if told.get("format") != FORMAT:
        errors.append(f"format: found {_shown(told.get('format'))}, expected '{FORMAT}'.")
    note = told.get("note") or ""
    if not isinstance(note, str) or len(note) > 200:
        errors.append(f"note: found {_kind(note)}, expected a text of up to 200 characters.")
    kpis = told.get("kpis")
    if not isinstance(kpis, dict):
        raise DefinitionsFileError([*errors, f"kpis: found {_kind(kpis)}, expected a table of KPIs."])
    options: dict[str, dict[str, object]] = {}
    remarks: list[str] = []
    for key, entry in kpis.items():
        options[str(key)] = _kpi(str(key), entry, errors, remarks)
    if errors:
        raise DefinitionsFileError(errors)
    return DefinitionsFile({key: chosen for key, chosen in options.items() if chosen}, note, remarks)


def _parse(data: bytes) -> Any:
    if len(data) > LARGEST:
        raise DefinitionsFileError([f"The file: found {len(data):,} bytes, expected up to {LARGEST:,}."])
    try:
        # JSON is YAML as well, and YAML names the line of an error in both.
        return yaml.safe_load(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DefinitionsFileError(["The file: found bytes that are no UTF-8 text."]) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"Line {mark.line + 1}" if mark else "The file"
        why = getattr(error, "problem", None) or "what cannot be read"
        raise DefinitionsFileError([f"{place}: {why}; expected YAML or JSON."]) from error


def _kpi(key: str, entry: object, errors: list[str], remarks: list[str]) -> dict[str, object]:
    place = f"kpis.{key}"
    definition = REGISTRY.get(key)
    if definition is None:
        errors.append(f"{place}: found an unknown KPI, expected one of {', '.join(sorted(REGISTRY))}.")
        return {}
    if not isinstance(entry, dict):
        errors.append(f"{place}: found {_kind(entry)}, expected a table with options.")
        return {}
    errors += [
        f"{place}.{name}: found an unknown field, expected one of {', '.join(KPI_FIELDS)}."
        for name in entry
        if name not in KPI_FIELDS
    ]
    if entry.get("revision", definition.revision) != definition.revision:
        remarks.append(
            f"{place}: written for revision {_shown(entry['revision'])} of the formula; "
            f"this program has revision {definition.revision}."
        )
    chosen = entry.get("options") or {}
    if not isinstance(chosen, dict):
        errors.append(f"{place}.options: found {_kind(chosen)}, expected a table of options.")
        return {}
    known = {option.name: option for option in definition.options}
    kept: dict[str, object] = {}
    for name, value in chosen.items():
        option = known.get(str(name))
        if option is None:
            expected = f"one of {', '.join(known)}" if known else "none: it has no options"
            errors.append(f"{place}.options.{name}: found an unknown option, expected {expected}.")
        elif not option.allows(value):
            errors.append(f"{place}.options.{name}: found {_shown(value)}, expected {option.expected}.")
        else:
            kept[option.name] = value
    return kept


def _kind(value: object) -> str:
    names = {dict: "a table", list: "a list", str: "a text", type(None): "nothing"}
    return names.get(type(value), _shown(value))


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:60]
