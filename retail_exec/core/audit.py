"""Writing the audit trail."""

from __future__ import annotations

from typing import Any

from retail_exec.accounts.models import Membership
from retail_exec.core.models import AuditEvent


def record(membership: Membership, action: str, subject: object, **detail: Any) -> AuditEvent:
    """Note that this member did ``action`` to ``subject``."""
    return AuditEvent.objects.create(
        organisation_id=membership.organisation_id,
        actor_id=membership.user_id,
        action=action,
        subject=str(subject)[:120],
        detail=detail,
    )
