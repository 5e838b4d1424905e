"""What was put wrong on the sample's shelves against what was found: an honest account of the whole chain."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from compliance.models import PositionResult
from retail_exec.accounts.models import Organisation
from retail_exec.sample.faults import KINDS
from retail_exec.sample.uploads import truth_file
from retail_exec.visits.models import Photo

CORRECT, NOT_ASSESSED = "correct", "not_assessed"
Place = tuple[int, int]


@dataclass(slots=True)
class Proof:
    """Counts of planned places. injected, found: by kind of fault; found: named with that very kind.

    noticed: faults that were reported, if as another kind. false_alarms: places as planned, but reported, by
    kind. correct: places as planned and reported so. not_assessed: places that no photo was said to show.
    """

    injected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    noticed: int = 0
    false_alarms: Counter[str] = field(default_factory=Counter)
    correct: int = 0
    not_assessed: int = 0

    def add(self, faults: dict[Place, str], reported: Iterable[tuple[int, int, str]]) -> None:
        """Count one bay. faults: kind by (shelf, position). reported: shelf, position, status."""
        for shelf, position, status in reported:
            kind = faults.get((shelf, position))
            if kind:
                self.injected[kind] += 1
                self.found[kind] += status == kind
                self.noticed += status not in (CORRECT, NOT_ASSESSED)
            elif status == CORRECT:
                self.correct += 1
            elif status != NOT_ASSESSED:
                self.false_alarms[status] += 1
            self.not_assessed += status == NOT_ASSESSED

    def lines(self) -> list[str]:
        """The account, a line each."""
        whole = sum(self.injected.values())
        alarms = sum(self.false_alarms.values())
        return [
            f"{kind.replace('_', ' '):<14} {self.found[kind]:>3} of {self.injected[kind]:>3} named as such"
            for kind in KINDS
        ] + [
            f"{'all faults':<14} {sum(self.found.values()):>3} of {whole:>3} named as such, "
            f"{self.noticed} noticed in some way",
            f"places in order: {self.correct} of {self.correct + alarms} seen so, {alarms} false alarms",
            f"places that no photo was said to show: {self.not_assessed}",
        ]


def prove(organisation: Organisation) -> Proof:
    """Compare the truth file with the current assessments of the sample's visits."""
    proof = Proof()
    truth = json.loads(truth_file().read_text()) if truth_file().exists() else {}
    for photo in Photo.objects.filter(organisation=organisation, sha256__in=truth):
        faults = {(f["shelf"], f["position"]): f["kind"] for f in truth[photo.sha256]}
        results = PositionResult.objects.filter(
            assessment__visit=photo.visit_id, assessment__current=True, bay=photo.bay_id
        )
        proof.add(faults, results.values_list("planned__shelf", "planned__position", "status"))
    return proof
