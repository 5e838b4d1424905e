"""Which organisation a request is for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from retail_exec.accounts.models import Membership


class MembershipMiddleware:
    """Sets ``request.membership``: the chosen (session key ``organisation``) or first membership, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = find_membership(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def find_membership(request: HttpRequest) -> Membership | None:
    """The membership this person acts under."""
    if not request.user.is_authenticated:
        return None
    mine = Membership.objects.filter(user=request.user).select_related("organisation", "user")
    chosen = request.session.get("organisation")
    return (mine.filter(organisation_id=chosen).first() if chosen else None) or mine.order_by("id").first()
