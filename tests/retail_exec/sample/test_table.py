"""The table of an organisation's KPIs counts each shelf once."""

from __future__ import annotations

from compliance.models import KpiResult
from retail_exec.sample.table import kpi_table
from tests.retail_exec.world import World


def test_a_photo_without_a_bay_is_counted_once(world: World) -> None:
    before = kpi_table(world.manager.organisation)
    KpiResult.objects.create(
        assessment=world.visit.assessments.get(current=True),
        key="facing_share",
        scope={"bay": f"photo:{world.photo.pk}"},
        numerator=0,
        denominator=9,
        value=0,
    )
    assert kpi_table(world.manager.organisation) == before
    assert any("66.7 %" in line for line in before)
