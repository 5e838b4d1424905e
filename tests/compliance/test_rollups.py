"""The dashboards' sums: always what a recompute gives, whatever happened; and when a product was missing."""

from __future__ import annotations

import random

import pytest
from django.core.management import CommandError, call_command

from compliance.models import KpiRollup, SkuRollup, Spell
from compliance.services import rollups
from compliance.services.adopt import adopt
from compliance.services.rescore import work
from retail_exec.visits.models import Visit
from tests.compliance.rescorings import rescoring_of
from tests.compliance.visits import Shops, assess, shops

pytestmark = pytest.mark.django_db
SEEN = ([0, 1, 2, 3], [0, None, 2, 3], [0, 1, 4, 3], [1, 0, 2, 5], [0, 1, None, None])


def step(dice: random.Random, places: Shops) -> str:
    visits = list(Visit.objects.filter(organisation=places.organisation).order_by("pk"))
    what = dice.choice(["visit", "visit", "again", "correct", "correct", "rescore", "delete"])
    if what == "visit" or not visits:
        places.visit(dice.randrange(2), dice.choice(SEEN), dice.randrange(3), dice.randrange(2))
    elif what == "again":
        assess(dice.choice(visits))
    elif what == "correct":
        places.correct(dice.choice(visits), dice.randrange(2), dice.randrange(6))
    elif what == "rescore":
        rescoring = rescoring_of(places, {"facing_share": {"include_gaps": dice.random() < 0.5}})
        list(work(rescoring))
        if dice.random() < 0.7:
            rescoring.refresh_from_db()
            adopt(rescoring)
            list(work(rescoring))
    else:
        dice.choice(visits).delete()
    return what


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_are_what_a_recompute_gives_whatever_happened(seed: int) -> None:
    dice, places, done = random.Random(seed), shops(), []
    for _ in range(14):
        done.append(step(dice, places))
        assert not any(rollups.differences([places.organisation]).values()), done
    assert KpiRollup.objects.exists()
    assert SkuRollup.objects.exists()


def share_of(places: Shops) -> KpiRollup:
    of_all = {"bay": 0, "category": None, "brand": None}
    return KpiRollup.objects.get(store=places.stores[0], key="facing_share", **of_all)


def test_a_deleted_visit_leaves_the_sums() -> None:
    places = shops()
    first, second = places.visit(0, [0, 1, 2, 3]), places.visit(0, [0, 1])
    whole = KpiRollup.objects.get(
        store=places.stores[0], key="facing_share", bay=0, category=None, brand=None
    )
    assert (whole.denominator, whole.visits) == (6, 2)
    first.delete()
    whole = KpiRollup.objects.get(
        store=places.stores[0], key="facing_share", bay=0, category=None, brand=None
    )
    assert (whole.denominator, whole.visits) == (2, 1)
    second.delete()
    assert not KpiRollup.objects.filter(store=places.stores[0]).exists()


def test_a_spell_lasts_from_the_first_absence_to_the_next_sight() -> None:
    places = shops(1)
    order = [[0, 1, 2, 3], [None, 1, 2, 3], [None, 1, 2, 3], [0, 1, 2, 3], [None, 1, 2, 3]]
    # The newest first: what counts is when a visit was, not when it was assessed.
    visits = {days: places.visit(0, order[-1 - days], days) for days in (0, 3, 1, 4, 2)}
    spells = list(Spell.objects.filter(sku=places.skus[0]).order_by("since"))
    assert [(s.since, s.last_missing, s.until, s.visits) for s in spells] == [
        (visits[3].started_at, visits[2].started_at, visits[1].started_at, 2),
        (visits[0].started_at, visits[0].started_at, None, 1),
    ]
    assert spells[1].latest.assessment.visit == visits[0]


def test_the_command_finds_and_mends_a_wrong_sum(capsys: pytest.CaptureFixture[str]) -> None:
    places = shops(1)
    places.visit(0, [0, 1, 2, 3])
    KpiRollup.objects.filter(key="facing_share").update(numerator=99)
    with pytest.raises(CommandError, match="rollups rebuild"):
        call_command("rollups", "verify")
    call_command("rollups", "rebuild")
    assert '"compliance_kpirollup": 0' in capsys.readouterr().out
    assert not any(rollups.differences([places.organisation]).values())
    with pytest.raises(CommandError, match="no organisation 'nobody'"):
        call_command("rollups", "verify", organisation="nobody")
