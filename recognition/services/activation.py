"""Putting a registered model in use, and going back to the one before.

A model becomes active when it is better on the frozen test sets, or when a person gives a reason. The step is
in every organisation's audit trail, because it changes what all of them are told. Galleries follow one by one
in the background; each keeps its own embedder until its successor is complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.db import transaction

from recognition.models import ModelState, ModelVersion
from recognition.services.datasets import measure, newest_test_sets
from recognition.services.galleries import load_embedder
from recognition.services.registry import ModelRefused, entry_of, put_in_use
from retail_exec.accounts.models import Membership, Organisation
from retail_exec.core.audit import record, record_by_system
from retail_exec.core.locks import lock_models
from retail_exec.core.queue import enqueue

FIGURE = {"embedder": "hit1", "detector": "f1_70"}
"""What a role's models are compared by."""
SURE_95 = 1.645


@dataclass(frozen=True, slots=True)
class Judgement:
    """A candidate beside the active model. candidate, active: their figure 0..1, None where none is known."""

    better: bool
    why: str
    candidate: float | None = None
    active: float | None = None


def judge(candidate: ModelVersion) -> Judgement:
    """Compare a model with the active one of its role on photos that neither was trained on.

    Embedders are measured on the organisations' frozen test sets, and must be ahead by more than chance
    explains (one-sided, 95 %); others by what their runs measured, if that was the same test set
    (``figures["test_set"]``).
    """
    crops = 0
    active = ModelVersion.objects.filter(role=candidate.role, state=ModelState.ACTIVE).first()
    if active is None:
        return Judgement(True, "There is no active model of this role.")
    name = FIGURE.get(candidate.role, "")
    tests = newest_test_sets() if candidate.role == "embedder" else []
    if tests:
        new, old = (measured(model) for model in (candidate, active))
        crops = sum(test.crops for test in tests)
        where = f"{crops} crops held back"
    elif candidate.figures.get("test_set") and candidate.figures["test_set"] == active.figures.get(
        "test_set"
    ):
        new, old = (model.figures.get(name) for model in (candidate, active))
        where = f"the test set {candidate.figures['test_set']}"
    else:
        return Judgement(
            False, f"There is nothing to compare {candidate} with {active} by: no frozen test set."
        )
    if new is None or old is None:
        return Judgement(False, f"{name} is not known of both {candidate} and {active}.", new, old)
    chance = SURE_95 * sqrt((new * (1 - new) + old * (1 - old)) / crops) if crops else 0.0
    doubtful = "not surely better than" if new > old else "no better than"
    word = "better than" if new - old > chance else doubtful
    why = f"{candidate} is {word} {active} on {where}: {name} {new:.3f}, not {old:.3f}."
    return Judgement(new - old > chance, why, new, old)


def measured(model: ModelVersion) -> float | None:
    """An embedder's hit@1 over the newest test sets of all organisations; measured once and kept."""
    right = crops = 0.0
    for test in newest_test_sets():
        key = f"{test.organisation_id}:{test.version}"
        if key not in model.measured:
            model.measured[key] = measure(load_embedder(entry_of(model)).embed, test)
            model.save(update_fields=["measured"])
        figures = model.measured[key]
        right, crops = right + figures["hit1"] * figures["crops"], crops + figures["crops"]
    return right / crops if crops else None


def activate(model: ModelVersion, by: Membership | None = None, reason: str = "") -> Judgement:
    """Put ``model`` in use if it is better than the active one, or if there is a reason to all the same.

    by: who does it, None for a command or the scheduled job. Raises ModelRefused with what to do instead,
    ModelError when the model's file is gone.
    """
    if model.state == ModelState.ACTIVE:
        raise ModelRefused(f"{model} is in use already.")
    entry_of(model).read()
    judgement = judge(model)
    if not judgement.better and not reason:
        raise ModelRefused(f"{judgement.why} To use it all the same, give a reason.")
    switch("model.activate", model, by, reason=reason, judgement=judgement.why)
    return judgement


def rollback(role: str, by: Membership | None = None) -> ModelVersion:
    """Put the model in use that was in use before. Raises ModelRefused when there is none."""
    before = ModelVersion.objects.filter(role=role, state=ModelState.RETIRED, activated_at__isnull=False)
    model = before.order_by("-activated_at").first()
    if model is None:
        raise ModelRefused(f"No {role} was in use before the present one.")
    entry_of(model).read()
    switch("model.rollback", model, by)
    return model


@transaction.atomic
def switch(action: str, model: ModelVersion, by: Membership | None, **detail: Any) -> None:
    """Make ``model`` active in one step, note it in every organisation's trail, let the galleries follow."""
    from recognition.tasks import sweep_galleries

    lock_models()
    active = ModelVersion.objects.filter(role=model.role, state=ModelState.ACTIVE)
    detail |= {"before": [before.label for before in active]}
    put_in_use(model)
    for organisation in Organisation.objects.all():
        if by is not None and by.organisation_id == organisation.pk:
            record(by, action, model.label, **detail)
        else:
            record_by_system(organisation.pk, action, model.label, by=by.user.email if by else "", **detail)
    enqueue(sweep_galleries)
