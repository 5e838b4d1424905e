"""`manage.py rescore`: score a period again beside the results that count; compare; adopt."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance.models import KpiDefinitions, Rescoring
from compliance.rescorings import pooled_figures, progress
from compliance.services.adopt import RescoringRefused, adopt
from compliance.services.rescore import start, work
from compliance.tasks import rescore_chunk_task
from retail_exec.accounts.models import Organisation
from retail_exec.core.queue import enqueue
from retail_exec.stores.models import Chain, Region, Store


class Command(BaseCommand):
    help = "Score visits of a period again with other versions, beside the results that count. Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", metavar="SLUG", help="Whose visits")
        parser.add_argument("--from", dest="date_from", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--to", dest="date_to", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--region", metavar="NAME")
        parser.add_argument("--chain", metavar="NAME")
        parser.add_argument("--store", metavar="CODE")
        parser.add_argument("--definitions", type=int, metavar="VERSION", help="Else the ones in use")
        parser.add_argument(
            "--plans-on",
            type=date.fromisoformat,
            metavar="DAY",
            help="Use this day's plans and lists",
        )
        parser.add_argument("--name", default="", help="What to call it")
        parser.add_argument("--processes", type=int, default=1, metavar="N", help="How many work on it")
        parser.add_argument("--queue", action="store_true", help="Leave the work to the workers")
        parser.add_argument("--resume", type=int, metavar="ID", help="Go on with one that was begun")
        parser.add_argument("--adopt", type=int, metavar="ID", help="Let one's results count")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["adopt"]:
            rescoring = _existing(options["adopt"])
            try:
                adopt(rescoring)
            except RescoringRefused as refused:
                raise CommandError(str(refused)) from refused
        elif options["resume"]:
            rescoring = _existing(options["resume"])
        else:
            rescoring = _new(options)
            start(rescoring)
        began, worked = time.monotonic(), time.process_time()
        if options["queue"]:
            for chunk in rescoring.chunks.values_list("pk", flat=True):
                enqueue(rescore_chunk_task, chunk)
        else:
            _work(rescoring, options["processes"])
        rescoring.refresh_from_db()
        seconds = round(time.monotonic() - began, 2)
        found = {"rescoring": rescoring.pk, "state": rescoring.state, "seconds": seconds}
        found |= {"processor_seconds": round(time.process_time() - worked, 2)}
        found |= progress(rescoring)
        self.stdout.write(json.dumps(found | {"kpis": pooled_figures(rescoring)}, indent=2))


def _work(rescoring: Rescoring, processes: int) -> None:
    """Work on it here, and in further processes of this same command."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rescore", "--resume", str(rescoring.pk)]
    others = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(processes - 1)]
    try:
        for _ in work(rescoring):
            pass
    finally:
        for other in others:
            other.wait()


def _existing(pk: int) -> Rescoring:
    found = Rescoring.objects.filter(pk=pk).first()
    if found is None:
        raise CommandError(f"There is no rescoring {pk}.")
    return found


def _new(options: dict[str, Any]) -> Rescoring:
    if not (options["organisation"] and options["date_from"] and options["date_to"]):
        raise CommandError("--organisation, --from and --to are needed to begin a rescoring.")
    owner = Organisation.objects.filter(slug=options["organisation"]).first()
    if owner is None:
        raise CommandError(f"There is no organisation {options['organisation']!r}.")
    if options["date_to"] < options["date_from"]:
        raise CommandError("--to is before --from.")

    def named(model: Any, field: str, value: object, what: str) -> Any:
        if value is None:
            return None
        row = model.objects.filter(organisation=owner, **{field: value}).first()
        if row is None:
            raise CommandError(f"{owner} has no {what} {value!r}.")
        return row

    return Rescoring(
        organisation=owner,
        name=options["name"] or f"{options['date_from']} to {options['date_to']}",
        date_from=options["date_from"],
        date_to=options["date_to"],
        region=named(Region, "name", options["region"], "region"),
        chain=named(Chain, "name", options["chain"], "chain"),
        store=named(Store, "code", options["store"], "store"),
        definitions=named(KpiDefinitions, "version", options["definitions"], "KPI definitions version"),
        plans_on=options["plans_on"],
    )
