"""How fast a period is scored again from stored layouts, and that a killed worker costs nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.utils import timezone

from compliance.models import Rescoring
from compliance.services.definitions import add_version
from compliance.services.rescore import start
from recognition.models import Facing
from retail_exec.accounts.models import Organisation
from retail_exec.benchmarks.figures import Figure
from retail_exec.benchmarks.made_up import Tick, made_up
from retail_exec.core.models import WorkState
from retail_exec.visits.models import Visit

GOAL = 200.0
PROCESSES = 2
LEASE_SECONDS = 5
"""Of the killed worker: so long its visits wait for another."""
SPEED, KILLED = {"facing_share": {"include_gaps": True}}, {"facing_share": {"include_unknown": True}}
"""What is different in the definitions that visits are scored again with."""


def measure(visits: int, tick: Tick) -> list[Figure]:
    """Score ``visits`` visits again in two processes; then once more, with a process killed in the middle."""
    with made_up(visits, stores=max(1, min(200, visits // 10)), days=90, tick=tick) as organisation:
        whole = _begin(organisation, "Speed", SPEED)
        done = [json.loads(worker.communicate()[0]) for worker in [_worker(whole) for _ in range(PROCESSES)]]
        seconds = max(one["seconds"] for one in done)
        milliseconds = round(sum(one["processor_seconds"] for one in done) / visits * 1000, 2)
        facings = _facings_a_visit(organisation)
        killed = _begin(organisation, "Killed", KILLED)
        before, wasted = _kill_one(killed)
        _finish(killed)
        again = killed.rescored.filter(after__current=False)
        return [
            Figure("rescoring, two processes", round(visits / seconds, 1), "visits/s", GOAL),
            Figure("processor time of these processes, without PostgreSQL's", milliseconds, "ms/visit"),
            Figure("facings a visit", facings, "facings"),
            Figure("scored when a process was killed", before, "visits"),
            Figure("held by the killed process", wasted, "visits"),
            Figure("scored once each when others had gone on", again.count(), "visits", visits),
        ]


def _begin(organisation: Organisation, name: str, options: dict[str, dict[str, Any]]) -> Rescoring:
    today = timezone.localdate()
    rescoring = Rescoring(
        organisation=organisation,
        name=name,
        date_from=today.replace(year=today.year - 1, day=1),
        date_to=today,
        definitions=add_version(organisation.pk, options),
    )
    start(rescoring)
    return rescoring


def _worker(rescoring: Rescoring) -> subprocess.Popen[str]:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rescore", "--resume", str(rescoring.pk)]
    environment = os.environ | {
        "WORKER_LEASE_SECONDS": str(LEASE_SECONDS),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _kill_one(rescoring: Rescoring) -> tuple[int, int]:
    """Kill a process in the middle of a chunk; the visits scored until then, and those it held."""
    worker = _worker(rescoring)
    third = rescoring.chunks.count() // 3
    while worker.poll() is None:
        running = rescoring.chunks.filter(state=WorkState.RUNNING).first()
        if running and rescoring.chunks.filter(state=WorkState.DONE).count() >= third:
            break
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    held = rescoring.chunks.filter(state=WorkState.RUNNING)
    return rescoring.rescored.count(), sum(len(chunk.visits) for chunk in held)


def _finish(rescoring: Rescoring) -> None:
    """Processes go on until all is done, as the workers and the sweeper would."""
    while Rescoring.objects.get(pk=rescoring.pk).state == Rescoring.State.RUNNING:
        _worker(rescoring).communicate()
        time.sleep(1)


def _facings_a_visit(organisation: Organisation) -> float:
    facings = Facing.objects.filter(run__organisation=organisation).count()
    return round(facings / Visit.objects.filter(organisation=organisation).count(), 1)
