"""Learning from corrections: when it is due, what it leaves, and that it says why a command failed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from recognition.models import DataSetVersion, Gallery, TrainingRun
from recognition.services import learn
from retail_exec.accounts.models import Role
from tests.factories import make_member, make_organisation, make_skus
from tests.recognition.judged import confirm_photos

pytestmark = pytest.mark.django_db


def test_a_night_freezes_the_test_set_and_fits_the_gallery_with_the_corrections(
    capsys: pytest.CaptureFixture[str],
) -> None:
    organisation = make_organisation()
    skus = make_skus(organisation, count=4)
    call_command("learn")
    assert "Nothing to do" in capsys.readouterr().out
    facings = confirm_photos(make_member(organisation, Role.ANALYST), skus, held_back=3)

    call_command("learn", force=True)
    run = TrainingRun.objects.get()
    assert (run.state, run.ended_at is not None) == (TrainingRun.State.DONE, True)
    assert "of 1 galleries fitted anew" in run.outcome
    frozen = DataSetVersion.objects.get(organisation=organisation, purpose=DataSetVersion.Purpose.TEST)
    assert frozen.crops == 12 < len(facings)
    fitted = Gallery.objects.exclude(figures={}).get()
    assert fitted.figures["held_back_crops"] == frozen.crops
    in_use = fitted.figures["held_back_after"] >= fitted.figures["held_back_before"]
    assert (fitted.head is not None) <= in_use
    assert learn.learn_now() is None, "nothing was said since"


def test_a_run_that_never_ended_blocks_only_for_a_night() -> None:
    stuck = TrainingRun.objects.create(recipe="Nightly learning")
    assert learn.learn_now(force=True) is None
    long_ago = timezone.now() - timedelta(seconds=learn.NIGHT + 60)
    TrainingRun.objects.filter(pk=stuck.pk).update(started_at=long_ago)
    done = learn.learn_now(force=True)
    stuck.refresh_from_db()
    assert stuck.state == TrainingRun.State.FAILED
    assert done is not None
    assert done.state == TrainingRun.State.DONE


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(learn.TrainingFailed, match=r"dataset: .*nowhere"):
        learn._command("dataset", "verify", "nowhere")
