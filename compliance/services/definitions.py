"""KPI definitions of an organisation: the active version, new versions, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from compliance.kpis.registry import REGISTRY, Options, chosen_only, configuration, definition_version
from compliance.models import Assessment, KpiDefinitions
from retail_exec.accounts.models import Membership, Organisation, User
from retail_exec.core.audit import record


@dataclass(frozen=True)
class Change:
    """One option that differs. kpi, option: keys. title: of the KPI. before, after: the two values."""

    kpi: str
    title: str
    option: str
    before: object
    after: object


def active_definitions(organisation_id: int) -> KpiDefinitions:
    """The version that new assessments use.

    An organisation that chose nothing has the usual options as version 1. When the program's formulas have
    changed since the active version was stored, its options are stored anew as the next version, so that the
    results of both can be told apart.
    """
    active = KpiDefinitions.objects.filter(organisation=organisation_id, active=True).first()
    options = known_options(active.options) if active else {}
    if active is not None and active.key == definition_version(options):
        return active
    note = "The formulas changed with the program." if active else "The usual definitions."
    return activate(add_version(organisation_id, options, note))


@transaction.atomic
def add_version(
    organisation_id: int, options: Mapping[str, Options], note: str = "", by: User | None = None
) -> KpiDefinitions:
    """Store a version, or find the one with the same definitions. It is not active yet.

    Raises ValueError for an unknown KPI, option or value.
    """
    key = definition_version(options)
    Organisation.objects.select_for_update().get(pk=organisation_id)
    mine = KpiDefinitions.objects.filter(organisation=organisation_id)
    same = mine.filter(key=key).first()
    if same is not None:
        return same
    newest = mine.aggregate(newest=Max("version"))["newest"] or 0
    return KpiDefinitions.objects.create(
        organisation_id=organisation_id,
        version=newest + 1,
        key=key,
        options=chosen_only(options),
        configuration=configuration(options),
        note=note,
        created_by=by,
    )


@transaction.atomic
def activate(definitions: KpiDefinitions, by: Membership | None = None) -> KpiDefinitions:
    """Let new assessments use this version. What is assessed already stays as it is."""
    Organisation.objects.select_for_update().get(pk=definitions.organisation_id)
    mine = KpiDefinitions.objects.filter(organisation=definitions.organisation_id)
    mine.filter(active=True).exclude(pk=definitions.pk).update(active=False)
    mine.filter(pk=definitions.pk).update(active=True)
    definitions.active = True
    if by is not None:
        record(by, "kpi definitions activated", definitions, version=definitions.version, key=definitions.key)
    return definitions


def known_options(options: Mapping[str, Options]) -> dict[str, Options]:
    """Stored options as far as the program still has them: a KPI or option may have gone with an update."""
    kept: dict[str, Options] = {}
    for key, chosen in options.items():
        known = {o.name: o for o in REGISTRY[key].options} if key in REGISTRY else {}
        fits = {name: value for name, value in chosen.items() if name in known and known[name].allows(value)}
        if fits:
            kept[key] = fits
    return kept


def changes(before: KpiDefinitions | None, options: Mapping[str, Options]) -> list[Change]:
    """What ``options`` set differently from ``before`` (None: from the usual), in the register's order."""
    old = known_options(before.options) if before else {}
    found = []
    for key, definition in REGISTRY.items():
        was, now = definition.settings(old.get(key, {})), definition.settings(options.get(key, {}))
        found += [
            Change(key, definition.title, name, was[name], now[name])
            for name in was
            if was[name] != now[name]
        ]
    return found


def visits_with_another(definitions: KpiDefinitions) -> int:
    """How many visits show results that another version made."""
    current = Assessment.objects.filter(organisation=definitions.organisation_id, current=True)
    return current.exclude(definition=definitions.key).count()
