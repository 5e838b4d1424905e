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
        "facing.correct",
        f"photo {facing.run.photo_id} facing {facing.index}",
        before=str(before) if before else None,
        verdict=str(verdict),
        sku=sku.code if sku else None,
    )
    reassess(facing.run.photo.visit)
    return correction
