"""A planogram file becomes planograms of an organisation, each import of a name a new version of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from compliance import importers
from compliance.importers.csv import LARGEST
from compliance.importers.values import (
    FindSku,
    ImportedPlanogram,
    LeftRow,
    PlanogramFileError,
    is_text,
    resolve,
)
from compliance.models import Planogram, PlanogramFile, PlanogramPosition
from compliance.types import Planogram as Plan
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku
from retail_exec.stores.models import Bay

LONGEST_NAME = 200
"""Characters of a planogram's or a file's name, as the model has them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One planogram of the file. version, stored: what it was stored as; None in a dry run. next: the version
    that it was or would be."""

    plan: Plan
    version: int | None
    gtins: dict[str, str]
    stored: Planogram | None = None
    next: int = 1

    def applies(self) -> str:
        """Where it applies and since when, in words; "" in a dry run."""
        if self.stored is None:
            return ""
        bays, start = self.stored.bays.count(), self.stored.effective_from
        where = f"{bays} bay{'' if bays == 1 else 's'}" if bays else "no bay yet"
        return f"applies to {where}, {f'from {start:%d %b %Y}' if start else 'without a first day'}"

    def as_json(self) -> dict[str, Any]:
        """The plan by shelves; positions as in the file formats' description."""
        places = sorted(self.plan.positions, key=lambda p: (p.shelf, p.position))
        sizes = ("facings_wide", "facings_high", "x_cm", "y_cm", "width_cm", "height_cm")
        shelves = [
            {
                "shelf": shelf,
                "positions": [
                    {"position": p.position, "sku": p.sku, "gtin": self.gtins.get(p.sku, "")}
                    | {name: getattr(p, name) for name in sizes}
                    for p in row
                ],
            }
            for shelf, row in groupby(places, key=lambda p: p.shelf)
        ]
        return {"name": self.plan.name, "version": self.version, "shelves": shelves}


@dataclass(frozen=True, slots=True)
class PlanogramImport:
    """What came of a file. left: rows not imported and why. remarks: imported, but worth a look."""

    planograms: list[Imported] = field(default_factory=list)
    left: list[LeftRow] = field(default_factory=list)
    remarks: list[LeftRow] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""

        def rows(lines: list[LeftRow]) -> list[dict[str, Any]]:
            return [{"line": row.line, "field": row.field, "why": row.why} for row in lines]

        plans = [imported.as_json() for imported in self.planograms]
        return {"planograms": plans, "left": rows(self.left), "remarks": rows(self.remarks)}


@transaction.atomic
def import_planogram(
    organisation: Organisation,
    content: bytes,
    file_name: str,
    *,
    name: str = "",
    bays: Iterable[Bay] = (),
    effective_from: date | None = None,
    dry_run: bool = False,
    file: PlanogramFile | None = None,
) -> PlanogramImport:
    """Store the planograms of a file: all of its good rows, or nothing if the file cannot be read.

    name: for a planogram that the file does not name; else the file's own name. bays: where they apply; a new
    version takes over its predecessor's bays when none are given. effective_from: else the file's date;
    without either, the first plan of a bay has always been in force, and a later one is from today. file: the
    file as it is kept, if it is.
    Raises PlanogramFileError.
    """
    if why := unfit(file_name):
        raise PlanogramFileError(0, "file name", why)
    # One import at a time, so that versions count without holes.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    parsed = importers.parse(content, file_name)
    skus = list(Sku.objects.filter(organisation=organisation))
    gtins = {sku.code: sku.gtin for sku in skus}
    outcome = PlanogramImport(left=list(parsed.left), remarks=list(parsed.remarks))
    chosen = list(bays)
    known = Planogram.objects.filter(organisation=organisation).order_by()
    versions = dict(known.values_list("name").annotate(newest=Max("version")))
    for found in named_apart(parsed.planograms, PurePath(file_name).stem, name):
        if wrong := _unfit_plan(found):
            outcome.left.append(wrong)
            continue
        plan, left = resolve(found, finder(skus))
        outcome.left.extend(left)
        if not plan.positions:
            continue
        stored = None
        if not dry_run:
            start = effective_from or _day(found.effective)
            kept = Planogram(source=file_name, file=file, boards_cm=list(found.boards_cm))
            stored = _store(organisation, plan, kept, chosen, start, skus)
            outcome.remarks.extend(_where_older_plans_stay(stored))
        number = stored.version if stored else versions.get(plan.name, 0) + 1
        version = number if stored else None
        outcome.planograms.append(Imported(plan, version, gtins, stored, number))
    outcome.left.sort(key=lambda row: row.line)
    return outcome


def finder(skus: Iterable[Sku]) -> FindSku:
    """Finds a catalogue SKU by the file's GTIN, or else by its code as our code or GTIN."""
    codes = {sku.code.casefold(): sku.code for sku in skus}
    gtins = {sku.gtin: sku.code for sku in skus if sku.gtin}

    def find(gtin: str, code: str) -> str | None:
        return gtins.get(gtin) or codes.get(code.casefold()) or gtins.get(code.zfill(14))

    return find


def named_apart(planograms: Sequence[ImportedPlanogram], stem: str, name: str) -> Iterator[ImportedPlanogram]:
    """The planograms with names of their own: one that occurs more than once gets its bay or a number behind.

    stem: what the importers call a planogram without a name; it becomes ``name``, if that is given.
    """
    names = Counter(plan.name for plan in planograms)
    taken: Counter[str] = Counter()
    for plan in planograms:
        own = name if name and plan.name == stem else plan.name
        if names[plan.name] > 1 and plan.bay:
            own = f"{own}, {plan.bay}"
        taken[own] += 1
        yield replace(plan, name=own if taken[own] == 1 else f"{own} ({taken[own]})")


def find_bays(organisation: Organisation, wanted: str) -> list[Bay]:
    """The bays called ``wanted``: in one store for "store code/bay name", in every store for a bay name."""
    store, _, bay = wanted.rpartition("/")
    found = Bay.objects.filter(store__organisation=organisation, name__iexact=bay)
    return list(found.filter(store__code__iexact=store) if store else found)


def unfit(text: str) -> str:
    """Why a text cannot be a name here, "" for one that can."""
    if not is_text(text):
        return f"found {text[:40]!r}, which has characters that are no text."
    if len(text) > LONGEST_NAME:
        return f"expected up to {LONGEST_NAME} characters, found {len(text)}."
    return ""


def _unfit_plan(plan: ImportedPlanogram) -> LeftRow | None:
    """Why a planogram of the file cannot be stored, None for one that can."""
    line = min((p.line for p in plan.positions), default=0)
    if why := unfit(plan.name):
        return LeftRow(line, "planogram", f"its name does not fit: {why}")
    for p in plan.positions:
        if max(p.shelf, p.position, p.facings_wide, p.facings_high) > LARGEST:
            why = f"shelf, position and facings go up to {LARGEST}, found a larger one."
            return LeftRow(p.line, "position", why)
    return None


def _where_older_plans_stay(new: Planogram) -> Iterator[LeftRow]:
    """Remarks on plans that start later than ``new`` and so win over it in some of its bays today."""
    today = timezone.localdate()
    if new.effective_from is None or new.effective_from >= today:
        return
    later = Planogram.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=today),
        bays__in=new.bays.all(),
        effective_from__gt=new.effective_from,
        effective_from__lte=today,
    )
    for plan in later.distinct().order_by("name", "version"):
        why = (
            f"{plan}, from {plan.effective_from:%d %b %Y}, starts later and stays in force where both apply."
        )
        yield LeftRow(0, new.name, why)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _store(
    organisation: Organisation,
    plan: Plan,
    row: Planogram,
    bays: list[Bay],
    effective_from: date | None,
    skus: list[Sku],
) -> Planogram:
    """Store ``plan`` as ``row``, which says where it came from, as the next version of its name."""
    before = Planogram.objects.filter(organisation=organisation, name=plan.name).order_by("-version").first()
    where = bays or (list(before.bays.all()) if before else [])
    # Of a bay's plans the latest to start is in force: one without a date would never come to bear.
    if effective_from is None and (before or Planogram.objects.filter(bays__in=where).exists()):
        effective_from = timezone.localdate()
    row.organisation, row.name, row.effective_from = organisation, plan.name, effective_from
    row.version = before.version + 1 if before else 1
    row.width_cm, row.height_cm = plan.width_cm, plan.height_cm
    row.save()
    row.bays.set(where)
    ids = {sku.code: sku.pk for sku in skus}
    PlanogramPosition.objects.bulk_create(
        PlanogramPosition(
            planogram=row,
            shelf=p.shelf,
            position=p.position,
            sku_id=ids[p.sku],
            facings_wide=p.facings_wide,
            facings_high=p.facings_high,
            x_cm=p.x_cm,
            y_cm=p.y_cm,
            width_cm=p.width_cm,
            height_cm=p.height_cm,
        )
        for p in plan.positions
    )
    return row
