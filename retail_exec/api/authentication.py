"""Programs sign in with ``Authorization: Api-Key <secret>`` and act as the key's member."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from retail_exec.accounts.models import ApiKey, User
from retail_exec.accounts.services.api_keys import find_api_key

SCHEME = "Api-Key"


class ApiKeyAuthentication(BaseAuthentication):
    """Sets ``request.membership`` to the key's, as the middleware does for people."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The key's person and the key; None when the header is not ours, so that a session may do."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        key = find_api_key(secret.strip())
        if key is None:
            raise AuthenticationFailed("This API key is unknown or has been revoked.")
        request._request.membership = key.membership  # type: ignore[attr-defined]
        return key.membership.user, key

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal a 401 that names the scheme."""
        return SCHEME


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """Tells the OpenAPI page of it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The header to send."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Api-Key followed by a blank and the key.",
        }
