"""Writing the audit trail, and proving that nobody touched it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from retail_exec.accounts.models import Membership, Organisation
from retail_exec.core.locks import lock_audit_trail
from retail_exec.core.models import AuditEvent

FIRST = "0" * 64
"""What stands for the hash before the first event."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look through one organisation's trail found.

    events: how many hold. head: hash of the last of them, worth keeping elsewhere: events cut off at the end
    can only be missed by who knows it. broken: what is wrong with the first event that does not hold, else
    empty.
    """

    events: int
    head: str
    broken: str = ""


def record(membership: Membership, action: str, subject: object, **detail: Any) -> AuditEvent:
    """Note that this member did ``action`` to ``subject``. detail: anything JSON can hold."""
    return _append(membership.organisation_id, membership.user, action, subject, detail)


def record_by_system(organisation_id: int, action: str, subject: object, **detail: Any) -> AuditEvent:
    """Note what the system did by itself, or on a command, in this organisation."""
    return _append(organisation_id, None, action, subject, detail)


@transaction.atomic
def _append(organisation_id: int, actor: Any, action: str, subject: object, detail: Any) -> AuditEvent:
    lock_audit_trail(organisation_id)
    last = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("number").last()
    event = AuditEvent(
        organisation_id=organisation_id,
        number=last.number + 1 if last else 1,
        actor=actor,
        actor_name=actor.email if actor else "",
        action=action,
        subject=str(subject)[:120],
        detail=json.loads(json.dumps(detail, default=str)),
        at=timezone.now(),
        previous=last.hash if last else FIRST,
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


def digest(event: AuditEvent) -> str:
    """SHA-256 of everything the event says and of the hash before it, as canonical JSON; 64 hex digits."""
    said = {
        "organisation": event.organisation_id,
        "number": event.number,
        "actor": event.actor_name,
        "action": event.action,
        "subject": event.subject,
        "detail": event.detail,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": event.previous,
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check(organisation: Organisation) -> Checked:
    """Go through the organisation's trail from its first event, and stop at the first that does not hold."""
    events, head = 0, FIRST
    rows = AuditEvent.objects.filter(organisation=organisation).order_by("number")
    for event in rows.iterator(2000):
        wrong = _wrong(event, events + 1, head)
        if wrong:
            return Checked(events, head, wrong)
        events, head = event.number, event.hash
    return Checked(events, head)


def _wrong(event: AuditEvent, number: int, previous: str) -> str:
    if event.number != number:
        return f"event {number} is missing: the next one is {event.number}"
    if event.previous != previous:
        return f"event {number} names another event before it than the one that is there"
    if event.hash != digest(event):
        return f"event {number} ({event.action}, {event.subject}) was changed after it was written"
    return ""
