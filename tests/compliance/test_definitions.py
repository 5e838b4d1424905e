"""KPI definitions of an organisation: versions, files, what new results use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from compliance.kpis.registry import definition_version
from compliance.models import Assessment, KpiDefinitions
from compliance.services import definition_files
from compliance.services.definitions import (
    activate,
    active_definitions,
    add_version,
    changes,
    known_options,
    visits_with_another,
)
from retail_exec.accounts.models import Organisation
from retail_exec.core.models import AuditEvent
from tests.factories import make_member, make_organisation
from tests.retail_exec.world import World, world

__all__ = ["world"]
COLUMN = {"facing_share": {"stack": "column"}}


@pytest.fixture
def owner(db: None) -> Organisation:
    return make_organisation()


def test_an_organisation_begins_with_the_usual_definitions(owner: Organisation) -> None:
    first = active_definitions(owner.pk)
    assert (first.version, first.key, first.options) == (1, definition_version(), {})
    assert active_definitions(owner.pk) == first
    assert first.configuration["facing_share"]["options"]["stack"] == "all"


def test_a_change_is_a_version_beside_the_old_one(owner: Organisation) -> None:
    first = active_definitions(owner.pk)
    second = add_version(owner.pk, COLUMN, "Stacks once")
    assert (second.version, second.active) == (2, False)
    assert add_version(owner.pk, {"facing_share": {"stack": "column", "include_gaps": False}}) == second
    assert active_definitions(owner.pk) == first
    who = make_member(owner)
    activate(second, who)
    assert active_definitions(owner.pk) == second
    assert AuditEvent.objects.filter(action="kpi definitions activated", actor=who.user).count() == 1
    assert [(c.kpi, c.option, c.before, c.after) for c in changes(first, second.options)] == [
        ("facing_share", "stack", "all", "column")
    ]
    with pytest.raises(ValueError, match="stays as it is"):
        second.save()


def test_changed_formulas_make_a_version_of_their_own(owner: Organisation) -> None:
    old = activate(add_version(owner.pk, COLUMN))
    KpiDefinitions.objects.filter(pk=old.pk).update(key="kpi-of-an-older-program")
    fresh = active_definitions(owner.pk)
    assert (fresh.version, fresh.options) == (old.version + 1, COLUMN)
    assert fresh.note == "The formulas changed with the program."
    gone = {"facing_share": {"stack": "column", "gone": 1}, "went": {"a": 1}, "osa": {"expected": "none"}}
    assert known_options(gone) == COLUMN


def test_visits_that_another_version_made_are_counted(world: World) -> None:
    active = active_definitions(world.visit.organisation_id)
    assert visits_with_another(active) == 1
    Assessment.objects.update(definition=active.key)
    assert visits_with_another(active) == 0


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_file_gives_the_same_definitions_again(owner: Organisation, form: str) -> None:
    options = {
        "facing_share": {"stack": "column", "include_gaps": True},
        "price_compliance": {"tolerance": 0.05},
    }
    stored = add_version(owner.pk, options, "Für alle")
    text = definition_files.write(stored, form)
    told = json.loads(text) if form == "json" else yaml.safe_load(text)
    assert told["version"] == 1
    assert "Own facings" in told["kpis"]["facing_share"]["explanation"]
    read = definition_files.read(text.encode())
    assert definition_version(read.options) == stored.key
    assert (read.note, read.remarks) == ("Für alle", [])


def test_a_file_with_mistakes_names_each_of_them() -> None:
    text = """
format: kpi-definitions/1
owner: me
kpis:
  facing_shares: {}
  facing_share: {options: {stack: row, include_gap: true, include_unknown: 1}, weight: 3}
  occupancy: {options: {stack: all}}
  osa: [list]
  price_compliance: {options: {tolerance: -1}}
"""
    with pytest.raises(definition_files.DefinitionsFileError) as refused:
        definition_files.read(text.encode())
    errors = "\n".join(refused.value.errors)
    for expected in (
        "owner: found an unknown field, expected one of format, version",
        "kpis.facing_shares: found an unknown KPI, expected one of area_share",
        "kpis.facing_share.options.stack: found 'row', expected one of 'all', 'column'.",
        "kpis.facing_share.options.include_gap: found an unknown option, expected one of stack",
        "kpis.facing_share.options.include_unknown: found 1, expected true or false.",
        "kpis.facing_share.weight: found an unknown field",
        "kpis.occupancy.options.stack: found an unknown option, expected none",
        "kpis.osa: found a list, expected a table with options.",
        "kpis.price_compliance.options.tolerance: found -1, expected a number of 0 or more.",
    ):
        assert expected in errors
    assert len(refused.value.errors) == 9


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "found nothing, expected a table"),
        (b"kpis: {", "Line 1: "),
        (b"\xff\xfe\x00", "no UTF-8"),
        (b"kpis: {}", "format: found nothing, expected 'kpi-definitions/1'"),
        (b"format: kpi-definitions/1", "kpis: found nothing, expected a table of KPIs"),
        (b"format: kpi-definitions/1\nnote: [1]\nkpis: {}", "note: found a list, expected a text"),
    ],
)
def test_files_that_are_none(data: bytes, why: str) -> None:
    with pytest.raises(definition_files.DefinitionsFileError, match=why.replace("'", ".")):
        definition_files.read(data)


def test_another_revision_is_remarked() -> None:
    read = definition_files.read(b"format: kpi-definitions/1\nkpis: {fair_share_index: {revision: 1}}")
    assert read.remarks == [
        "kpis.fair_share_index: written for revision 1 of the formula; this program has revision 2."
    ]


def test_the_command_exports_checks_and_imports(
    owner: Organisation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kpis.yaml"
    call_command("kpi_definitions", "export", organisation=owner.slug, out=file)
    file.write_text(file.read_text().replace("stack: all", "stack: column", 1))
    call_command("kpi_definitions", "import", file, organisation=owner.slug, dry_run=True)
    assert "facing_share.stack: all -> column" in capsys.readouterr().out
    assert KpiDefinitions.objects.count() == 1
    call_command("kpi_definitions", "import", file, organisation=owner.slug, activate=True)
    assert active_definitions(owner.pk).version == 2
    with pytest.raises(CommandError, match="There is no version 9; there are: 1, 2"):
        call_command("kpi_definitions", "export", organisation=owner.slug, version_number=9)
    file.write_text("format: kpi-definitions/1\nkpis: {osb: {}}")
    with pytest.raises(CommandError, match="unknown KPI"):
        call_command("kpi_definitions", "import", file, organisation=owner.slug)
