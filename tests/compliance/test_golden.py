"""A planogram from a photo: blocks of neighbours, shelves and centimetres from the facings."""

from __future__ import annotations

import pytest

from compliance.services.edit_document import RefusedPlanError
from compliance.services.golden import planogram_from_photo
from recognition.models import Facing
from retail_exec.accounts.models import Membership, Role
from retail_exec.catalog.models import Sku
from retail_exec.visits.models import Photo
from tests import factories as make
from tests.drawing import CELL
from tests.results import make_run


@pytest.fixture
def ana(db: None) -> Membership:
    return make.make_member(make.make_organisation(), Role.ANALYST)


@pytest.fixture
def skus(ana: Membership) -> list[Sku]:
    return make.make_skus(ana.organisation, count=4)


def photo(ana: Membership, rows: list[list[Sku | None]], statuses: tuple[str, ...] = ("accepted",)) -> Photo:
    store = make.make_store(ana.organisation, name="Corner", bays=["Crisps 1"])
    made = make.make_photo(make.make_visit(ana, store), store.bays.get(), rows, state="done")
    make_run(made, rows, statuses)
    return made


def test_neighbours_of_one_product_become_one_place(ana: Membership, skus: list[Sku]) -> None:
    a, b, c, _ = skus
    shown = photo(ana, [[a, a, b], [c, None, c]])
    plan = planogram_from_photo(ana, shown)
    rows = plan.positions.select_related("sku").order_by("shelf", "position")
    assert [(p.shelf, p.position, p.sku, p.facings_wide) for p in rows] == [
        (0, 0, a, 2),
        (0, 1, b, 1),
        (1, 0, c, 1),
        (1, 1, c, 1),
    ]
    assert (plan.name, plan.draft, plan.photo) == ("Crisps 1 as in Corner", True, shown)
    assert list(plan.bays.all()) == [shown.bay]


def test_sizes_are_those_of_the_products_and_they_stand_on_their_boards(
    ana: Membership, skus: list[Sku]
) -> None:
    plan = planogram_from_photo(ana, photo(ana, [skus[:2], skus[2:]]))
    assert plan.width_cm == 100
    assert len(plan.boards_cm) == 2
    for p in plan.positions.all():
        assert (p.width_cm, p.height_cm) == (15, 20)
        assert p.y_cm + p.height_cm == pytest.approx(plan.boards_cm[p.shelf], abs=0.1)
    first, second = plan.positions.filter(shelf=0)
    assert second.x_cm >= first.x_cm + first.width_cm


def test_the_scale_comes_from_recognition_where_no_width_is_known(ana: Membership, skus: list[Sku]) -> None:
    Sku.objects.update(width_cm=None, height_cm=None)
    shown = photo(ana, [[skus[0]]])
    run = shown.runs.get()
    run.cm_per_px = 30 / CELL[0]
    run.save()
    place = planogram_from_photo(ana, shown).positions.get()
    facing = run.facings.get()
    assert place.width_cm == pytest.approx((facing.rect_box[2] - facing.rect_box[0]) * run.cm_per_px, abs=0.1)


def test_unsure_facings_are_kept_aside_and_a_persons_word_counts(ana: Membership, skus: list[Sku]) -> None:
    a, b, c, d = skus
    shown = photo(ana, [[a, b, c]], ("accepted", "ambiguous", "unknown"))
    unsure, unknown = shown.runs.get().facings.order_by("index")[1:]
    Facing.objects.filter(pk=unknown.pk).update(verdict="product", verdict_sku=d)
    plan = planogram_from_photo(ana, shown)
    assert [p.sku for p in plan.positions.all()] == [a, d]
    assert [one["facing"] for one in plan.unplaced] == [unsure.pk]
    assert plan.unplaced[0]["width_cm"] > 0


def test_stacks_become_facings_above_each_other(ana: Membership, skus: list[Sku]) -> None:
    shown = photo(ana, [[skus[0], skus[0]]])
    run = shown.runs.get()
    for at, below in enumerate(list(run.facings.all())):
        x1, y1, x2, y2 = below.rect_box
        values = {"shelf": 0, "position": below.position, "stack": 1, "detection_score": 1, "confidence": 1}
        above = [x1, y1 - (y2 - y1), x2, y1]
        Facing.objects.create(
            run=run, index=9 + at, box=above, rect_box=above, status="accepted", sku=skus[0], **values
        )
    place = planogram_from_photo(ana, shown).positions.get()
    assert (place.facings_wide, place.facings_high, place.height_cm) == (2, 2, 40)


@pytest.mark.parametrize("run", [True, False])
def test_without_a_product_there_is_no_plan(ana: Membership, skus: list[Sku], run: bool) -> None:
    shown = photo(ana, [[skus[0]]], ("unknown",))
    if not run:
        shown.runs.all().delete()
    with pytest.raises(RefusedPlanError, match="no product is recognised"):
        planogram_from_photo(ana, shown)
