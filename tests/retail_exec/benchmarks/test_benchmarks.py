"""`manage.py benchmark` on a few rows: figures reach what they must, and nothing is left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command

from retail_exec.accounts.models import Organisation, User

pytestmark = pytest.mark.django_db
KEYS = {"name", "value", "unit", "goal", "peer", "peer_value", "ratio"}


def figures(capsys: pytest.CaptureFixture[str], kind: str, *arguments: str) -> dict[str, dict[str, Any]]:
    call_command("benchmark", kind, *arguments)
    found = json.loads(capsys.readouterr().out)["figures"]
    assert all(set(figure) == KEYS for figure in found)
    assert not Organisation.objects.exists()
    assert not User.objects.exists()
    return {figure["name"]: figure for figure in found}


def test_every_format_stores_every_position(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "imports", "--positions", "501")
    stored = [figure for name, figure in found.items() if name.endswith("stored")]
    assert [figure["value"] for figure in stored] == [1000, 1000, 1000]
    assert found["PSA, 1000 positions"]["goal"] == 30


def test_the_overview_is_the_same_from_sums_and_from_results(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "dashboards", "--visits", "24")
    assert found["figures that differ"]["value"] == 0
    compared = found["figures compared"]
    assert compared["value"] == compared["goal"] > 0
    assert found["overview from the roll-ups"]["peer"] == "from the results"
