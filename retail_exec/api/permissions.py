"""Who may use the API; what they see is decided by core/access.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # rest_framework.views imports this module
    from rest_framework.views import APIView


class IsMember(BasePermission):
    """A signed-in member of an organisation."""

    message = "This account belongs to no organisation yet. Ask an administrator."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True for a person or key that acts for an organisation."""
        return bool(request.user and request.user.is_authenticated and request.membership)  # type: ignore[attr-defined]
