"""Drafts: what is stored of a document, what is refused, and two people at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from compliance.models import Planogram
from compliance.services.assign_planogram import assign, assignments, holds_for, set_dates, unassign
from compliance.services.edit_document import RefusedPlanError, read_document
from compliance.services.edit_planogram import (
    ConflictError,
    discard_draft,
    edit_state,
    publish,
    save_planogram,
)
from retail_exec.accounts.models import Membership, Role
from retail_exec.catalog.models import Sku
from retail_exec.core.models import AuditEvent
from tests import factories as make
from tests.results import make_planogram


@pytest.fixture
def ana(db: None) -> Membership:
    return make.make_member(make.make_organisation(), Role.ANALYST, name="Ana Lyst")


@pytest.fixture
def skus(ana: Membership) -> list[Sku]:
    return make.make_skus(ana.organisation, count=3)


def document(skus: list[Sku], **more: Any) -> dict[str, Any]:
    """Two shelves of a bay of 60 cm: the first two products above, the third below."""
    places = [
        {
            "sku": skus[1].code,
            "shelf": 0,
            "x_cm": 30,
            "y_cm": 5,
            "width_cm": 30,
            "height_cm": 20,
            "facings_wide": 2,
        },
        {"sku": skus[0].code, "shelf": 0, "x_cm": 0, "y_cm": 5, "width_cm": 15, "height_cm": 20},
        {"sku": skus[2].code, "shelf": 1, "x_cm": 0, "y_cm": 30, "width_cm": 15, "height_cm": 20},
    ]
    return {
        "name": "Bay",
        "width_cm": 60,
        "height_cm": 50,
        "boards_cm": [25, 50],
        "positions": places,
        **more,
    }


def places(plan: Planogram) -> list[tuple[int, int, str, int]]:
    rows = plan.positions.select_related("sku").order_by("shelf", "position")
    return [(p.shelf, p.position, p.sku.code, p.facings_wide) for p in rows]


def test_a_new_plan_is_a_draft_with_places_from_the_left(ana: Membership, skus: list[Sku]) -> None:
    saved = save_planogram(ana, document(skus))
    plan, (a, b, c) = saved.planogram, [sku.code for sku in skus]
    assert places(plan) == [(0, 0, a, 1), (0, 1, b, 2), (1, 0, c, 1)]
    assert (plan.draft, plan.version, plan.boards_cm, plan.width_cm) == (True, 1, [25, 50], 60)
    assert (saved.remarks, plan.changed_by) == ([], ana.user)
    assert AuditEvent.objects.get().action == "planogram saved"


def test_a_draft_changes_in_place_and_a_plan_in_force_gets_a_next_version(
    ana: Membership, skus: list[Sku]
) -> None:
    draft = save_planogram(ana, document(skus)).planogram
    again = save_planogram(ana, document(skus[::-1]), draft, edit_state(draft)).planogram
    assert (again.pk, again.revision, places(again)[0][2]) == (draft.pk, 2, skus[2].code)
    publish(ana, again)
    again.refresh_from_db()
    after = save_planogram(ana, document(skus), again, edit_state(again)).planogram
    assert (after.version, after.draft) == (2, True)
    assert places(again)[0][2] == skus[2].code


def test_a_next_version_takes_over_the_bays(ana: Membership, skus: list[Sku]) -> None:
    bays = list(make.make_store(ana.organisation).bays.all())
    base = make_planogram(ana.organisation, bays, [skus])
    after = save_planogram(ana, document(skus, name=base.name), base, edit_state(base)).planogram
    assert list(after.bays.all()) == bays
    assert holds_for(base)[0][0] == bays[0]
    assert holds_for(after) == []


@pytest.mark.parametrize("as_draft", [True, False])
def test_two_people_at_once(ana: Membership, skus: list[Sku], as_draft: bool) -> None:
    bo = make.make_member(ana.organisation, Role.ANALYST, name="Bo Brand")
    base = save_planogram(ana, document(skus)).planogram
    if not as_draft:
        base = publish(ana, base)
    opened = edit_state(base)
    theirs = save_planogram(bo, document(skus[:3]), base, opened).planogram
    with pytest.raises(ConflictError, match="Bo Brand saved") as conflict:
        save_planogram(ana, document(skus[::-1]), base, opened)
    assert conflict.value.theirs == theirs
    assert places(theirs)[0][2] == skus[0].code
    mine = save_planogram(ana, document(skus[::-1]), base, opened, apart=True).planogram
    assert (mine.pk != theirs.pk, mine.version, places(mine)[0][2]) == (
        True,
        theirs.version + 1,
        skus[2].code,
    )


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("sku", "unheard", "the catalogue has no product with the code 'unheard'."),
        ("sku", None, "the catalogue has no product with the code nothing."),
        ("shelf", 2, "expected a whole number from 0 to 1, found 2."),
        ("shelf", True, "expected a whole number from 0 to 1, found True."),
        ("facings_wide", 0, "expected a whole number from 1 to 200, found 0."),
        ("facings_high", 1.5, "expected a whole number from 1 to 200, found 1.5."),
        ("width_cm", -3, "expected a number above 0, found -3."),
        ("height_cm", "tall", "expected a number above 0, found 'tall'."),
        ("x_cm", 1e300, "expected a number, found 1e+300."),
    ],
)
def test_a_place_that_cannot_be_stored_is_named(
    ana: Membership, skus: list[Sku], field: str, value: object, why: str
) -> None:
    sent = document(skus)
    sent["positions"][1][field] = value
    with pytest.raises(RefusedPlanError) as refused:
        save_planogram(ana, sent)
    (problem,) = refused.value.problems
    assert (problem.field, problem.why, problem.at) == (f"positions[1].{field}", why, 1)
    assert not Planogram.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"boards_cm": [50, 25]}, "boards_cm"),
        ({"boards_cm": ["top"]}, "boards_cm"),
        ({"width_cm": 0}, "width_cm"),
        ({"positions": "none"}, "positions"),
        ({"positions": [3]}, "positions[0]"),
    ],
)
def test_what_else_cannot_be_stored_is_named(change: dict[str, Any], field: str) -> None:
    sent = {"name": "Bay", "positions": [], **change}
    with pytest.raises(RefusedPlanError) as refused:
        read_document(sent, set())
    assert [problem.field for problem in refused.value.problems] == [field]


def test_what_does_not_fit_is_said_but_stored(ana: Membership, skus: list[Sku]) -> None:
    sent = document(skus)
    sent["positions"][1]["x_cm"] = 25
    sent["positions"][0]["width_cm"] = 45
    saved = save_planogram(ana, sent)
    assert [(r.at, r.why) for r in saved.remarks] == [
        (1, "stands 10.0 cm into the next place."),
        (0, "stands out of the bay by 15.0 cm."),
    ]
    assert saved.planogram.positions.count() == 3


def test_what_stands_on_another_is_not_in_its_way(skus: list[Sku]) -> None:
    sent = document(skus)
    sent["positions"][0] |= {"x_cm": 0, "y_cm": -15}
    assert read_document(sent, {sku.code for sku in skus}).remarks == []


def test_the_name_stays_for_all_versions(ana: Membership, skus: list[Sku]) -> None:
    draft = save_planogram(ana, document(skus)).planogram
    renamed = save_planogram(ana, document(skus, name="End"), draft, edit_state(draft)).planogram
    assert renamed.name == "End"
    other = save_planogram(ana, document(skus)).planogram
    with pytest.raises(RefusedPlanError, match="a planogram called 'End' already"):
        save_planogram(ana, document(skus, name="End"), other, edit_state(other))
    publish(ana, renamed)
    with pytest.raises(RefusedPlanError, match="stays for all its versions"):
        save_planogram(ana, document(skus, name="Else"), renamed, f"version {renamed.version}")


def test_putting_in_force(ana: Membership, skus: list[Sku]) -> None:
    draft = save_planogram(ana, document(skus)).planogram
    with pytest.raises(RefusedPlanError, match="before the first day"):
        publish(ana, draft, date(2026, 3, 2), date(2026, 3, 1))
    row = publish(ana, draft)
    assert (row.draft, row.effective_from) == (False, timezone.localdate())
    with pytest.raises(RefusedPlanError, match="in force already"):
        publish(ana, row)
    empty = save_planogram(ana, {"name": "Empty", "positions": []}).planogram
    with pytest.raises(RefusedPlanError, match="without places"):
        publish(ana, empty)
    discard_draft(ana, empty)
    with pytest.raises(RefusedPlanError, match="is kept"):
        discard_draft(ana, row)
    assert list(Planogram.objects.all()) == [row]


def test_assigning_and_taking_back(ana: Membership, skus: list[Sku]) -> None:
    store = make.make_store(ana.organisation, bays=["Crisps 1"])
    plan = make_planogram(ana.organisation, [], [skus])
    row = assign(ana, plan, " crisps 1 ", store.chain)
    assert assign(ana, plan, "Crisps 1", store.chain) == row
    assert [(bay.store, why.level) for bay, why in holds_for(plan)] == [(store, "chain")]
    with pytest.raises(RefusedPlanError, match="has no bay called 'Nuts'"):
        assign(ana, plan, "Nuts", store)
    set_dates(ana, plan, date(2999, 1, 1), None)
    assert holds_for(plan) == []
    with pytest.raises(RefusedPlanError, match="before the first day"):
        set_dates(ana, plan, date(2026, 3, 2), date(2026, 3, 1))
    unassign(ana, row)
    assert not assignments(plan).exists()
