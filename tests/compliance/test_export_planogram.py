"""Planograms out: what a file holds, what it loses, and the command."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings

from compliance import importers
from compliance.importers.losses import differences
from compliance.importers.values import ImportedPlanogram
from compliance.models import Planogram
from compliance.services.export_planogram import export_planogram, losses
from compliance.services.import_planogram import import_planogram
from tests import factories as make
from tests.results import make_planogram

from .importers.strategies import planograms


@pytest.fixture
def plan(db: None) -> Planogram:
    ours = make.make_organisation()
    bays = list(make.make_store(ours, bays=["Crisps 1"]).bays.all())
    plan = make_planogram(ours, bays, [make.make_skus(ours, 3)])
    plan.effective_from, plan.boards_cm = date(2026, 3, 1), [30.0, 60.0]
    plan.width_cm, plan.height_cm = 60, 60
    plan.save()
    return plan


@pytest.mark.parametrize("format", ["psa", "azure", "csv"])
def test_what_goes_out_comes_in_again(plan: Planogram, format: str) -> None:
    done = import_planogram(plan.organisation, export_planogram(plan, format), f"{plan.name}.x")
    assert done.left == []
    again = done.planograms[0].stored
    assert again is not None
    assert (again.name, again.version) == (plan.name, 2)
    fields = (
        "shelf",
        "position",
        "sku",
        "facings_wide",
        "facings_high",
        "width_cm",
        "height_cm",
        "x_cm",
        "y_cm",
    )
    assert list(again.positions.values_list(*fields)) == list(plan.positions.values_list(*fields))
    assert again.boards_cm == ([] if format == "csv" else [30.0, 60.0])


def test_what_a_format_cannot_hold_is_said(plan: Planogram) -> None:
    found = {format: {loss.field for loss in items} for format, items in losses(plan).items()}
    assert found["psa"] == set()
    assert found["azure"] == {"effective date", "bay"}
    assert found["csv"] == {"effective date", "width", "height", "shelves", "name"}


@given(planograms())
@settings(max_examples=20, deadline=None)
def test_psa_loses_nothing(given: ImportedPlanogram) -> None:
    back = importers.parse(importers.export([given], "psa"))
    assert differences(given, back.planograms[0]) == []


def test_the_command_writes_the_version_in_force(plan: Planogram, tmp_path: Path) -> None:
    Planogram.objects.create(organisation=plan.organisation, name=plan.name, version=2, draft=True)
    out, target = StringIO(), tmp_path / "bay.csv"
    options = ["--organisation", plan.organisation.slug, "--out", str(target)]
    call_command("export_planogram", plan.name, *options, stdout=out)
    assert f"{plan} written to {target}" in out.getvalue()
    assert "not held: width: the bay's width of 60 cm is not written." in out.getvalue()
    assert importers.parse(target.read_bytes()).planograms[0].name == plan.name


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("Nothing", [], "has no planogram called 'Nothing'"),
        (None, ["--number", "7"], "There is no version 7; there are: 1."),
        (None, ["--out", "/nowhere/bay.csv"], "No such file"),
    ],
)
def test_the_command_says_what_is_wrong(
    plan: Planogram, name: str | None, options: list[str], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        call_command(
            "export_planogram", name or plan.name, "--organisation", plan.organisation.slug, *options
        )
