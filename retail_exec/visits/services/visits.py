"""Starting and finishing a visit."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from compliance.services.tasks import hand_over
from retail_exec.accounts.models import Membership
from retail_exec.core.models import WorkState
from retail_exec.stores.models import Store
from retail_exec.visits.models import Visit


@transaction.atomic
def start_visit(membership: Membership, store: Store) -> Visit:
    """The member's visit to this store: the own unfinished one of today, or a new one.

    Raises Http404 for another organisation's store.
    """
    if store.organisation_id != membership.organisation_id:
        raise Http404
    Store.objects.select_for_update().get(pk=store.pk)  # two taps on «start» make one visit
    mine = Visit.objects.filter(store=store, auditor=membership.user, finished_at=None)
    today = mine.filter(started_at__date=timezone.localdate()).first()
    visit = today or Visit.objects.create(
        organisation_id=membership.organisation_id,
        store=store,
        auditor=membership.user,
        state=WorkState.DONE,  # nothing to assess until a photo is recognised
    )
    hand_over(visit)
    return visit


def finish_visit(visit: Visit) -> None:
    """The auditor leaves; recognition of the last photos goes on."""
    Visit.objects.filter(pk=visit.pk, finished_at=None).update(finished_at=timezone.now())
    visit.refresh_from_db()
