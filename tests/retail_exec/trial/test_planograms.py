"""`manage.py evaluate planograms`: made-up shelves from layouts, from files, and through photos."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

CSV = """planogram,shelf,position,sku,facings_wide,width_cm
Crisps,0,0,A,2,30
Crisps,0,1,B,3,36
Crisps,1,0,C,2,24
Crisps,1,1,D,1,14
Crisps,1,2,E,2,28
"""


def figures(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("evaluate", "planograms", *arguments, stdout=out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_figures_of_layouts_by_kind_and_in_all() -> None:
    found = figures("--shelves", "30")
    assert found["shelves"] == 30
    for key in ("event_precision", "event_recall", "event_f1"):
        assert found[key]["all"] > 0.9  # type: ignore[index]
    assert 0.8 < float(str(found["score_within_1pt"])) <= 1


@pytest.mark.django_db
def test_own_planograms_are_stocked(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(CSV)
    assert figures("--shelves", "12", "--planogram", str(file))["shelves"] == 12
    file.write_text("nothing of the kind")
    with pytest.raises(CommandError):
        figures("--planogram", str(file))


@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
def test_through_a_rendered_photo() -> None:
    found = figures("--shelves", "1", "--rendered", "1", "--products", "24", "--no-adapt")["rendered"]
    assert isinstance(found, dict)
    assert found["shelves"] == 1
    assert found["photos"] >= 1
    assert found["events"] >= 1
    assert 0 < found["event_recall"]["all"] <= 1
