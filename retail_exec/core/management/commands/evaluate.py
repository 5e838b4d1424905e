"""`manage.py evaluate`: how good detection, recognition and the whole are, on labelled files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recognition.services.galleries import load_embedder
from recognition.services.keypoints import load_finder
from recognition.services.registry import active_entry
from recognition.stages.decode import decode
from recognition.stages.detect import Detector
from recognition.training.evaluate.detection import evaluate_detection, figures, read_coco
from recognition.training.evaluate.recognition import Options, evaluate_folders
from recognition.training.evaluate.shelves import Frame, read_labels, shelf_figures
from recognition.training.report.cases import Case, of_queries
from recognition.types import Detection, ImageArray
from retail_exec.trial import agreement, pages, planograms, report
from retail_exec.trial.labelled import LOW_SCORE, detections, read_frames
from retail_exec.trial.options import (
    add_catalogue,
    add_json,
    bar,
    existing,
    plain_errors,
    prepare_embedded_database,
    trial_of,
    write,
)


class Command(BaseCommand):
    help = "Measure the active models on labelled files (docs/quality.md). Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        detection = kinds.add_parser("detection", help="Products found, against COCO boxes")
        detection.add_argument("--images", required=True, type=Path, metavar="DIR")
        detection.add_argument("--coco", required=True, type=Path, metavar="FILE")
        recognition = kinds.add_parser(
            "recognition", help="Products named: gallery and query folders by label"
        )
        recognition.add_argument("--gallery", required=True, type=Path, metavar="DIR")
        recognition.add_argument("--queries", required=True, type=Path, metavar="DIR")
        recognition.add_argument("--unknown", type=Path, metavar="DIR", help="Products not in the gallery")
        recognition.add_argument("--locate", action="store_true", help="Queries are scenes: find the product")
        recognition.add_argument("--no-adapt", action="store_true")
        recognition.add_argument(
            "--baselines", action="store_true", help="Key points alone, against the whole gallery, too"
        )
        for kind, about in (
            ("shelves", "The whole pipeline, against labelled shelf photos"),
            ("compliance", "Shares and statuses from recognition beside those from labels"),
        ):
            labelled = kinds.add_parser(kind, help=about)
            labelled.add_argument("--photos", required=True, type=Path, metavar="DIR")
            labelled.add_argument("--labels", required=True, type=Path, metavar="FILE")
            add_catalogue(labelled)
        made_up = kinds.add_parser("planograms", help="Shelves compared with their plans, events injected")
        made_up.add_argument("--planogram", action="append", default=[], type=Path, metavar="FILE")
        made_up.add_argument("--shelves", type=int, default=500, help="From layouts alone (%(default)s)")
        made_up.add_argument("--rendered", type=int, default=0, help="Through rendered photos (%(default)s)")
        made_up.add_argument("--products", type=int, default=80, help="In the drawn catalogue (%(default)s)")
        made_up.add_argument("--seed", type=int, default=0)
        made_up.add_argument("--no-adapt", action="store_true")
        for labelled in set(kinds.choices.values()):
            add_json(labelled)
        for pictured in (detection, recognition, kinds.choices["shelves"]):
            pictured.add_argument("--report", type=Path, metavar="FILE", help="Write an HTML page to look at")

    def handle(self, *args: Any, **options: Any) -> None:
        measure = {
            "detection": _detection,
            "recognition": _recognition,
            "shelves": _shelves,
            "compliance": _compliance,
            "planograms": planograms.measure,
        }[options["kind"]]
        prepare_embedded_database()
        with plain_errors():
            result = measure(options)
        self.stdout.write(write(result | {"machine": report.machine()}, options["json"]))


def _detection(options: dict[str, Any]) -> dict[str, Any]:
    truths = read_coco(options["coco"])
    existing([options["images"] / truth.file for truth in truths])
    detector = _detector()
    seen: list[list[Detection]] = []

    with bar(total=len(truths), desc="Photos", unit=" photos") as photos:

        def load(file: str) -> ImageArray:
            photos.update()
            return decode((options["images"] / file).read_bytes())

        def detect(image: ImageArray) -> list[Detection]:
            seen.append(detector.detect(image, LOW_SCORE))
            return seen[-1]

        found = evaluate_detection(detect, load, truths, detector.threshold)
    result = found | {"versions": report.versions(detector=detector.entry.label)}
    if options["report"]:
        photos_seen = list(zip(seen, truths, strict=True))
        cases = [
            case
            for boxes, truth in photos_seen
            for case in pages.detection_cases(
                decode((options["images"] / truth.file).read_bytes()), boxes, truth, detector.threshold
            )
        ]
        lines = pages.detection_lines(photos_seen)
        pages.write_page(options["report"], "detection", result, cases, lines)
    return result


def _recognition(options: dict[str, Any]) -> dict[str, Any]:
    embedder, finder = load_embedder(), load_finder()
    cases: list[Case] = []
    with bar(unit=" steps", delay=1) as steps:

        def progress(done: int, total: int) -> None:
            steps.total = total
            steps.update(done - steps.n)

        found = evaluate_folders(
            embedder,
            options["gallery"],
            options["queries"],
            Options(
                finder=finder,
                scenes=options["locate"],
                adapted=not options["no_adapt"],
                baselines=options["baselines"],
            ),
            unknown=options["unknown"],
            progress=progress,
            inspect=lambda *looked: cases.extend(of_queries(*looked)),
        )
    models = {"embedder": embedder.entry.label} | ({"keypoints": finder.label} if finder else {})
    result = found | {"versions": report.versions(None, **models)}
    if options["report"]:
        pages.write_page(options["report"], "recognition", result, cases)
    return result


def _detector() -> Detector:
    return Detector(active_entry("detector"), settings.RECOGNITION_THREADS)


def _shelves(options: dict[str, Any]) -> dict[str, Any]:
    frames = _frames(options)
    with trial_of(options) as trial:
        readings = read_frames(trial, options["photos"], bar(frames, desc="Photos", unit=" photos"))
        brands = {sku: product.brand for sku, product in trial.products.items()}
        seen = detections(trial, options["photos"], frames)
        result = {
            "detection": figures(seen, trial.pipeline.detector.threshold),
            **shelf_figures(frames, readings, brands),
            "adaptation": dict(trial.adaptation),
            "versions": report.versions(trial),
        }
        if options["report"]:
            cases = pages.shelf_cases(options["photos"], options["packshots"], frames, readings)
            pages.write_page(options["report"], "shelves", result, cases, pages.detection_lines(seen))
        return result


def _compliance(options: dict[str, Any]) -> dict[str, Any]:
    """Each frame with labelled rows is scored against the plan that its predecessor's labels make."""
    frames = [f for f in _frames(options) if f.boxes and all(box.shelf is not None for box in f.boxes)]
    if len(frames) < 2:
        raise CommandError("At least two frames with labelled rows are needed.")
    with trial_of(options) as trial:
        readings = read_frames(trial, options["photos"], bar(frames, desc="Photos", unit=" photos"))
        comparisons = []
        for before, now in zip(range(len(frames)), range(1, len(frames)), strict=False):
            plan = agreement.planogram_of(
                agreement.as_labelled(readings[before], frames[before]), frames[before].file
            )
            labelled = agreement.as_labelled(readings[now], frames[now])
            recognised = agreement.of_labelled_region(frames[now], readings[now].layout)
            comparisons.append(
                {"photo": frames[now].file} | agreement.compare(plan, labelled, recognised, trial.products)
            )
        return {
            **agreement.summary(comparisons),
            "comparisons": comparisons,
            "versions": report.versions(trial),
        }


def _frames(options: dict[str, Any]) -> list[Frame]:
    frames = read_labels(options["labels"])
    existing([options["photos"] / frame.file for frame in frames])
    return frames
