"""The nightly job: learn from what people corrected, and keep the result only if it is better.

Test sets are frozen first. Then, where PyTorch is installed, an embedder is pre-trained on the newest photos
without labels and trained on corrected crops, by the same commands that a person would use; it becomes a
candidate, and active only if it names more of the held-back crops right than the model in use. Everywhere,
the organisations' galleries are fitted again with their corrections (``recognition.services.adaptation``),
under the same condition.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from recognition.models import Correction, DataSetVersion, TrainingRun
from recognition.runtime.manifest import ModelError
from recognition.services.activation import activate
from recognition.services.adaptation import adapt_gallery
from recognition.services.datasets import export_crops, freeze_test_set, part_of
from recognition.services.registry import ModelRefused, register_run
from recognition.training import datasets
from retail_exec.accounts.models import Organisation
from retail_exec.visits.models import Photo

log = logging.getLogger(__name__)
ENOUGH = 50
"""New verdicts below which a night's training is not worth its electricity."""
ENOUGH_TO_TRAIN = 500
"""Crops below which a whole embedder is not trained: it would know nothing but them."""
NEWEST_PHOTOS = 300
STEPS = {"pretrain": 400, "train-triplet": 600}
SEEDS = 20
"""Splits that are tried until both parts have products in common."""
NIGHT = 6 * 3600
"""Seconds after which a command is given up."""


class TrainingFailed(Exception):
    """A training command ended badly; the message is the last line it said."""


class Trained(NamedTuple):
    """What came of training an embedder: in words, the data set's version, and the model if there is one."""

    words: str
    data_set: str = ""
    model: int | None = None


def learn_now(force: bool = False) -> TrainingRun | None:
    """Learn, if there are ``ENOUGH`` new verdicts since the last run (or ``force``); what came of it.

    None when there is too little that is new, or another run is under way.
    """
    running = TrainingRun.objects.filter(state=TrainingRun.State.RUNNING)
    running.filter(started_at__lt=timezone.now() - timedelta(seconds=NIGHT)).update(
        state=TrainingRun.State.FAILED, outcome="Given up: the worker did not come back."
    )
    if running.exists():
        return None
    last = TrainingRun.objects.filter(state=TrainingRun.State.DONE).first()
    new = Correction.objects.exclude(verdict="")
    if last and not force:
        new = new.filter(at__gt=last.started_at)
    if not force and new.count() < ENOUGH:
        return None
    run = TrainingRun.objects.create(recipe="Nightly learning")
    try:
        organisations = list(Organisation.objects.filter(pk__in=new.values("organisation")))
        for organisation in organisations:
            freeze_test_set(organisation)
        trained = _train_embedder(run) if find_spec("torch") else Trained("No PyTorch here: galleries only.")
        fitted = [adapted for each in organisations if (adapted := adapt_gallery(each))]
        better = sum(adapted.gallery.head is not None for adapted in fitted)
        run.outcome = (
            f"{trained.words} {better} of {len(fitted)} galleries fitted anew are better and in use."
        )
        run.data_set, run.model_id, run.state = trained.data_set, trained.model, TrainingRun.State.DONE
    except Exception as error:
        log.exception("learning failed")
        run.state, run.outcome = TrainingRun.State.FAILED, f"{type(error).__name__}: {error}"
    run.ended_at = timezone.now()
    run.save()
    return run


def _train_embedder(run: TrainingRun) -> Trained:
    """Pre-train, train, register, and use the embedder if it is better."""
    folder = Path(settings.VAR_DIR) / "training" / f"{run.pk}"
    shutil.rmtree(folder, ignore_errors=True)
    data = _export(folder / "crops")
    crops = sum(bool(item.label) for item in data.items)
    if crops < ENOUGH_TO_TRAIN:
        return Trained(f"{crops} corrected crops are too few to train an embedder ({ENOUGH_TO_TRAIN}).")
    photos = _copy_photos(folder / "photos")
    calibration = Path(settings.VAR_DIR) / "training" / "calibration"
    if not (calibration / "queries").is_dir():
        _command("render-recognition-set", "--out", calibration)
    _command("pretrain", "--photos", photos, "--out", folder / "pretrained", "--steps", STEPS["pretrain"])
    _command(
        "train-triplet",
        "--train", data.folder / "train.jsonl", "--test", data.folder / "test.jsonl",
        "--weights", folder / "pretrained" / "backbone.pt", "--steps", STEPS["train-triplet"],
        "--calibrate", calibration, "--version", f"{timezone.now():%Y%m%d}.{run.pk}",
        "--licence", "own photos", "--out", folder / "trained",
    )  # fmt: skip
    model = register_run(folder / "trained")[0]
    try:
        words = activate(model).why
    except (ModelRefused, ModelError) as refused:
        words = f"{model} stays a candidate: {refused}"
    shutil.rmtree(folder / "photos", ignore_errors=True)
    return Trained(words, data.version, model.pk)


def _export(folder: Path) -> datasets.DataSet:
    """All organisations' training crops in one folder, in two parts by photo: to learn from and to watch."""
    items = []
    for organisation in Organisation.objects.all():
        try:
            part = export_crops(organisation, folder / organisation.slug, DataSetVersion.Purpose.TRAINING)
        except ValueError:  # nobody judged anything there
            continue
        items += [
            datasets.Item(
                f"{organisation.slug}/{item.file}",
                f"{organisation.slug} {item.label}" if item.label else "",
                item.group,
                item.sha256,
            )
            for item in part.items
        ]
    data = datasets.DataSet(folder, tuple(sorted(items)))
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(SEEDS):
        parts = datasets.split(data, {"train": 0.9, "test": 0.1}, seed)
        known = {item.label for item in parts["train"].items} - {""}
        watched = tuple(item for item in parts["test"].items if item.label in known)
        if watched:  # of few photos, a split may put none on this side
            break
    datasets.write(parts["train"], "train.jsonl")
    datasets.write(datasets.DataSet(folder, watched), "test.jsonl")
    return data


def _copy_photos(folder: Path) -> Path:
    """Copies of the newest photos, for training without labels. Held-back photos are left out."""
    folder.mkdir(parents=True)
    for photo in Photo.objects.filter(runs__current=True).order_by("-pk")[:NEWEST_PHOTOS]:
        if part_of(photo.sha256) == DataSetVersion.Purpose.TRAINING:
            suffix = Path(str(photo.file.name)).suffix
            with photo.file.open("rb") as source:
                (folder / f"{photo.sha256}{suffix}").write_bytes(source.read())
    return folder


def _command(name: str, *args: object) -> None:
    """Run ``python -m recognition.training`` in a process of its own. Raises TrainingFailed."""
    words: Sequence[str] = [sys.executable, "-m", "recognition.training", name, *map(str, args)]
    done = subprocess.run(
        words, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=NIGHT, check=False
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no word why"]
        raise TrainingFailed(f"{name}: {lines[-1]}")
