"""API keys: shown once, kept as a digest, revocable."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from retail_exec.accounts.models import ApiKey, Membership

USE_NOTED_EVERY = timedelta(minutes=1)
"""How often the last use is written: a busy program should not cause a write with every request."""


def create_api_key(membership: Membership, name: str) -> tuple[ApiKey, str]:
    """A new key and its secret, which is readable only now."""
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(membership=membership, name=name, prefix=secret[:8], digest=_digest(secret))
    return key, secret


def find_api_key(secret: str) -> ApiKey | None:
    """The valid key with this secret, its use noted, or None."""
    keys = ApiKey.objects.select_related("membership__organisation", "membership__user")
    key = keys.filter(digest=_digest(secret), revoked_at=None, membership__user__is_active=True).first()
    now = timezone.now()
    if key and (key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def revoke_api_key(key: ApiKey) -> None:
    """The key stops working at once; the row stays, to tell who had access when."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def _digest(secret: str) -> str:
    # A key has 256 random bits: a plain hash cannot be guessed back, and is fast enough for every request.
    return hashlib.sha256(secret.encode()).hexdigest()
