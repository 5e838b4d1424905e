"""Waiting until the workers have done the sample's work, and knowing when they will not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from recognition.models import Gallery, GalleryState
from recognition.tasks import adapt_catalogue
from retail_exec.accounts.models import Organisation
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Photo, Visit

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 600
"""Nothing changed for so long means that nothing will; a lease that ran out is taken up well before."""
OPEN = (WorkState.WAITING, WorkState.RUNNING)
BAD = (WorkState.REFUSED, WorkState.QUARANTINED)


class WorkFailed(RuntimeError):
    """The work did not come to a good end; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of how much is over: done, or failed."""

    done: int
    total: int

    @property
    def finished(self) -> bool:
        """Nothing is open."""
        return self.done == self.total


Tick = Callable[[Progress], None]
"""Called about twice a second."""


def is_adapted(organisation: Organisation) -> bool:
    """Whether the recognition has been fitted to the organisation's packshots, with whatever result."""
    return Gallery.objects.filter(organisation=organisation).exclude(figures={}).exists()


def await_adaptation(organisation: Organisation, tick: Tick) -> None:
    """Ask the training queue to fit the recognition to the packshots, and wait for it. Raises WorkFailed."""
    asked = timezone.now()
    adapt_catalogue.delay(organisation.pk)

    def look() -> Progress:
        made = (
            Gallery.objects.filter(organisation=organisation, created_at__gte=asked).order_by("-pk").first()
        )
        if made and made.state == GalleryState.FAILED:
            raise WorkFailed(f"Fitting the recognition to the catalogue failed: {made.problem}")
        return Progress(100 if is_adapted(organisation) else made.progress if made else 0, 100)

    for now in _changes(look):
        tick(now)
        if now.finished:
            return


def await_visits(organisation: Organisation, tick: Tick) -> None:
    """Wait until all photos are recognised and all visits assessed. Raises WorkFailed.

    All is over when nothing was open on two looks in a row: a visit is opened again just after its photo.
    """

    def look() -> Progress:
        rows = [model.objects.filter(organisation=organisation) for model in (Photo, Visit)]
        total = sum(r.count() for r in rows)
        return Progress(total - sum(r.filter(state__in=OPEN).count() for r in rows), total)

    before = None
    for now in _changes(look):
        tick(now)
        if now.finished and now == before:
            break
        before = now
    every = [model.objects.filter(organisation=organisation, state__in=BAD) for model in (Photo, Visit)]
    bad = [row for rows in every for row in rows]
    if bad:
        reasons = "\n".join(f"{row}: {row.get_state_display()}. {row.problem}" for row in bad[:10])
        raise WorkFailed(f"{len(bad)} photos or visits failed:\n{reasons}")


def _changes(look: Callable[[], Progress]) -> Iterator[Progress]:
    """What ``look`` sees, again and again, until it no longer changes. Raises WorkFailed."""
    before, since = None, time.monotonic()
    while time.monotonic() - since < PATIENCE_SECONDS:
        now = look()
        yield now
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(POLL_SECONDS)
    raise WorkFailed(f"Nothing was done for {PATIENCE_SECONDS} seconds; the workers' log may say why.")
