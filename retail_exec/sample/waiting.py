"""Waiting until the queue has done the sample's work, and knowing when it will not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from retail_exec.accounts.models import Organisation
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Photo, Visit

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 300
"""Nothing finished for so long means that nothing will; a lease that ran out is taken up well before."""
OPEN = (WorkState.WAITING, WorkState.RUNNING)
BAD = (WorkState.REFUSED, WorkState.QUARANTINED)


class WorkFailed(RuntimeError):
    """The work did not come to a good end; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many photos and visits there are, and how many of them are done or failed, so no longer open."""

    done: int
    total: int

    @property
    def finished(self) -> bool:
        """Nothing is open."""
        return self.done == self.total


def progress(organisation: Organisation) -> Progress:
    """Where the organisation's photos and visits stand now."""
    rows = [model.objects.filter(organisation=organisation) for model in (Photo, Visit)]
    total, still_open = sum(r.count() for r in rows), sum(r.filter(state__in=OPEN).count() for r in rows)
    return Progress(total - still_open, total)


def wait(organisation: Organisation, tick: Callable[[Progress], None]) -> None:
    """Return when all is done; ``tick`` is called about twice a second. Raises WorkFailed.

    All is done when nothing was open on two looks in a row: a visit is opened again just after its photo.
    """
    before, since = None, time.monotonic()
    while not ((now := progress(organisation)).finished and now == before):
        tick(now)
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > PATIENCE_SECONDS:
            raise WorkFailed(f"Nothing was finished for {PATIENCE_SECONDS} seconds; is the worker at work?")
        time.sleep(POLL_SECONDS)
    tick(now)
    bad = [
        row
        for model in (Photo, Visit)
        for row in model.objects.filter(organisation=organisation, state__in=BAD)
    ]
    if bad:
        reasons = "\n".join(f"{row}: {row.get_state_display()}. {row.problem}" for row in bad[:10])
        raise WorkFailed(f"{len(bad)} photos or visits failed:\n{reasons}")
