"""`manage.py export_corrections`: what people said, as training data; or photos to label elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recognition.models import DataSetVersion
from recognition.services.datasets import export_crops
from recognition.services.proposals import COCO, export_proposals
from retail_exec.accounts.models import Organisation


class Command(BaseCommand):
    help = "Write judged crops by product with a manifest, or with --proposals unreviewed photos as COCO."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument(
            "--part",
            choices=DataSetVersion.Purpose.values,
            default=DataSetVersion.Purpose.TRAINING.value,
            help="Photos to train on (the default), or those held back for the frozen test set.",
        )
        parser.add_argument("--proposals", action="store_true", help="Unreviewed photos with proposed labels")
        parser.add_argument("--count", type=int, default=50, help="Photos with --proposals (default 50)")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"There is no organisation {options['organisation']!r}.")
        out = options["out"]
        try:
            if options["proposals"]:
                counts = export_proposals(organisation, out, options["count"])
                self.stdout.write(f"{out / COCO}: {counts['photos']} photos, {counts['boxes']} boxes")
                return
            data = export_crops(organisation, out, options["part"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{out}: version {data.version}, {len(data.items)} pictures with labels")
