"""The register of KPIs: what each is called, means, is measured in, and which options it takes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from compliance.kpis.context import Context
from compliance.types import KpiValue

Options = Mapping[str, object]
Compute = Callable[[Context, Options], Iterable[KpiValue]]


@dataclass(frozen=True, slots=True)
class Option:
    """A stored setting of a KPI. choices: the allowed values, empty when any of the default's type will
    do."""

    name: str
    default: object
    explanation: str
    choices: tuple[object, ...] = ()

    @property
    def expected(self) -> str:
        """The values it takes, in words."""
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        return "true or false" if isinstance(self.default, bool) else "a number of 0 or more"

    def allows(self, value: object) -> bool:
        """Whether it may be set to ``value``."""
        if self.choices or isinstance(self.default, bool):
            return type(value) is type(self.default) and (not self.choices or value in self.choices)
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf

    def check(self, value: object, kpi_key: str) -> None:
        """Raise ValueError unless ``value`` is allowed."""
        if not self.allows(value):
            raise ValueError(
                f"option {self.name!r} of KPI {kpi_key!r}: expected {self.expected}, got {value!r}"
            )


@dataclass(frozen=True, slots=True)
class Definition:
    """A registered KPI. revision: raised whenever the computation changes, so that old results stay apart.
    pillar: whether a scorecard may use it: it has a value for the whole visit, the higher the better. last:
    it is computed from the other KPIs.
    """

    key: str
    title: str
    unit: str
    explanation: str
    compute: Compute = field(repr=False)
    options: tuple[Option, ...] = ()
    revision: int = 1
    pillar: bool = True
    last: bool = False

    def settings(self, chosen: Mapping[str, object]) -> dict[str, object]:
        """Every option with its chosen or default value. Raises ValueError for an unknown or wrong one."""
        known = {option.name: option for option in self.options} if chosen else {}
        for name, value in chosen.items():
            if name not in known:
                names = ", ".join(sorted(known)) or "none"
                raise ValueError(f"KPI {self.key!r} has no option {name!r}; it has: {names}")
            known[name].check(value, self.key)
        return {option.name: option.default for option in self.options} | dict(chosen)

    def describe(self) -> dict[str, object]:
        """The definition as plain values, for screens, exports and the version."""
        return {
            "key": self.key,
            "title": self.title,
            "unit": self.unit,
            "explanation": self.explanation,
            "revision": self.revision,
            "options": [
                {
                    "name": o.name,
                    "default": o.default,
                    "explanation": o.explanation,
                    "choices": list(o.choices),
                }
                for o in self.options
            ],
        }


REGISTRY: dict[str, Definition] = {}


def kpi(
    key: str,
    title: str,
    unit: str,
    explanation: str,
    options: tuple[Option, ...] = (),
    revision: int = 1,
    pillar: bool = True,
    last: bool = False,
) -> Callable[[Compute], Compute]:
    """Register the function below as the computation of a KPI; see ``Definition``."""

    def register(compute: Compute) -> Compute:
        if key in REGISTRY:
            raise ValueError(f"KPI {key!r} is registered twice")
        REGISTRY[key] = Definition(key, title, unit, explanation, compute, options, revision, pillar, last)
        return compute

    return register


def definitions() -> list[dict[str, object]]:
    """Every registered KPI: key, title, unit, explanation, revision and options with their defaults."""
    return [definition.describe() for definition in REGISTRY.values()]


def configuration(chosen: Mapping[str, Options] | None = None) -> dict[str, object]:
    """The definitions with the values chosen for their options, ready for JSON or YAML.

    Raises ValueError for an unknown KPI or option, or a value that does not fit.
    """
    chosen = chosen or {}
    check_keys(chosen)
    return {
        key: {
            "revision": definition.revision,
            "explanation": definition.explanation,
            "options": definition.settings(chosen.get(key, {})),
        }
        for key, definition in REGISTRY.items()
    }


def check_keys(chosen: Mapping[str, object]) -> None:
    """Raise ValueError unless every key is a registered KPI's."""
    unknown = sorted(set(chosen) - set(REGISTRY))
    if unknown:
        raise ValueError(f"unknown KPI {unknown[0]!r}; known: {', '.join(sorted(REGISTRY))}")


def chosen_only(chosen: Mapping[str, Options]) -> dict[str, dict[str, object]]:
    """The options that are not at their usual value. Raises ValueError like ``configuration``."""
    check_keys(chosen)
    kept: dict[str, dict[str, object]] = {}
    for key, options in chosen.items():
        usual, given = REGISTRY[key].settings({}), REGISTRY[key].settings(options)
        changed = {name: value for name, value in given.items() if value != usual[name]}
        if changed:
            kept[key] = changed
    return kept


def definition_version(chosen: Mapping[str, Options] | None = None) -> str:
    """A short name that changes whenever any definition or option changes: ``kpi-`` and 12 hex digits."""
    return _version(json.dumps(chosen_only(chosen or {}), sort_keys=True))


@lru_cache(maxsize=256)
def _version(chosen: str) -> str:
    text = json.dumps(configuration(json.loads(chosen)), sort_keys=True)
    return "kpi-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def compute_all(context: Context, chosen: Mapping[str, Options]) -> list[KpiValue]:
    """Every KPI that can be computed for the visit, in the order of the register.

    Those that are computed from others find these in ``context.cache``, under ("visit", key).
    """
    values: dict[str, list[KpiValue]] = {}
    for key, definition in sorted(REGISTRY.items(), key=lambda entry: entry[1].last):
        values[key] = list(definition.compute(context, definition.settings(chosen.get(key, {}))))
        for value in values[key]:
            if not value.scope:
                context.cache["visit", key] = value
    return [value for key in REGISTRY for value in values[key]]
