"""A person corrects what was recognised."""

from __future__ import annotations

from django.db import transaction

from recognition.models import Correction, Facing, RecognitionRun
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Sku
from retail_exec.core.audit import record
from retail_exec.visits.services.reassess import reassess


class CorrectionRefused(Exception):
    """The verdict does not fit; the message is for the person."""


@transaction.atomic
def correct_facing(
    membership: Membership, facing: Facing, verdict: Facing.Verdict, sku: Sku | None
) -> Correction:
    """Record the member's verdict on a facing and have the visit's numbers computed again.

    Raises CorrectionRefused when a product is missing, superfluous, or another organisation's, and when the
    photo has a newer run.
    """
    if (verdict == Facing.Verdict.PRODUCT) != (sku is not None):
        raise CorrectionRefused("Choose the product this is, or say that it is none of the catalogue.")
    if sku is not None and sku.organisation_id != membership.organisation_id:
        raise CorrectionRefused("This product is not in your catalogue.")
    if not RecognitionRun.objects.select_for_update().filter(pk=facing.run_id, current=True).exists():
        raise CorrectionRefused(
            "This photo was recognised anew meanwhile. Open it again and correct it there."
        )
    return _say(membership, "facing.correct", facing, verdict, sku)


@transaction.atomic
def take_back(membership: Membership, facing: Facing) -> Correction:
    """Undo the member's own newest verdict on a facing: what counted before it counts again.

    Raises CorrectionRefused when the newest verdict is somebody else's, or there is none.
    """
    said = list(facing.corrections.select_related("sku")[:2])
    if not said or not said[0].verdict or said[0].corrected_by_id != membership.user_id:
        raise CorrectionRefused("There is no verdict of yours to take back here.")
    verdict, sku = (said[1].verdict, said[1].sku) if len(said) > 1 else ("", None)
    return _say(membership, "facing.take_back", facing, verdict, sku)


def _say(membership: Membership, action: str, facing: Facing, verdict: str, sku: Sku | None) -> Correction:
    before = facing.product
    Facing.objects.filter(pk=facing.pk).update(verdict=verdict, verdict_sku=sku)
    correction = Correction.objects.create(
        organisation_id=membership.organisation_id,
        facing=facing,
        verdict=verdict,
        sku=sku,
        corrected_by=membership.user,
    )
    record(
        membership,
        action,
        f"photo {facing.run.photo_id} facing {facing.index}",
        before=str(before) if before else None,
        verdict=str(verdict),
        sku=sku.code if sku else None,
    )
    reassess(facing.run.photo.visit)
    return correction
