"""Who may use the API; what they see is decided by core/access.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from retail_exec.core.access import CURATORS, OFFICE

if TYPE_CHECKING:  # rest_framework.views imports this module
    from rest_framework.views import APIView


class IsMember(BasePermission):
    """A signed-in member of an organisation."""

    message = "This account belongs to no organisation yet. Ask an administrator."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True for a person or key that acts for an organisation."""
        return bool(request.user and request.user.is_authenticated and request.membership)  # type: ignore[attr-defined]


class OfficeOnly(IsMember):
    """Managers, analysts and administrators; auditors have other work."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True for whoever may see all visits."""
        if not super().has_permission(request, view):
            return False
        membership = request.membership  # type: ignore[attr-defined]
        self.message = f"This is not for the role {membership.get_role_display()}."
        return membership.role in OFFICE


class CuratorsWrite(IsMember):
    """A member reads; only those who may change catalogue and planograms write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True for reading, and for writing by a curator."""
        if not super().has_permission(request, view):
            return False
        membership = request.membership  # type: ignore[attr-defined]
        self.message = f"This is not for the role {membership.get_role_display()}."
        return request.method in SAFE_METHODS or membership.role in CURATORS
