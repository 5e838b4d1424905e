"""`manage.py benchmark` on a few rows: figures reach what they must, and nothing is left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from retail_exec.accounts.models import Organisation, User
from retail_exec.benchmarks import pipeline

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


def test_a_photo_is_told_by_stages_and_its_parts_beside_peers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, less in {"SIZE": (1200, 900), "PRODUCTS": 12, "CROPS": 8, "ROUNDS": 1}.items():
        monkeypatch.setattr(pipeline, name, less)
    found = figures(capsys, "pipeline", "--photos", "1")
    whole = found["photo of 12 megapixels, file to facings"]["value"]
    stages = {name: figure["value"] for name, figure in found.items() if name.startswith("stage ")}
    assert {"stage decode", "stage detect", "stage embed", "stage rerank"} <= set(stages)
    assert 0.8 * whole < sum(stages.values()) <= whole
    assert found["facings a photo"]["value"] > 20
    assert found["detect, 2 threads"]["goal"] == 100
    assert found["key points of a crop"]["peer"] == "SIFT"
    assert found["decode"]["peer_value"] > 0


def test_a_gallery_among_others_is_searched_fully(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.search.EXACT_UP_TO", 100)  # so that few packshots need the index
    monkeypatch.setattr("retail_exec.benchmarks.retrieval.EXACT_UP_TO", 100)
    found = figures(capsys, "retrieval", "--vectors", "2400")
    assert "search among 120 of 2400 packshots, a crop" in found
    assert found["of the ten nearest found"]["value"] >= 0.98
    candidates = found["candidates of ten a crop gets"]
    assert candidates["value"] == 10 > candidates["peer_value"]
    assert found["right packshot first"]["value"] > 0.9
    assert found["room a packshot, index included"]["value"] > 1


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="'0' is no number from 1 on"):
        call_command("benchmark", "imports", "--positions", "0")
