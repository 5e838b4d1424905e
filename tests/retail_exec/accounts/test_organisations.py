"""Making organisations and people, as a service and as a command."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from retail_exec.accounts.models import Membership, Organisation, Role, User
from retail_exec.accounts.services.organisations import add_member, create_organisation

pytestmark = pytest.mark.django_db


def test_an_organisation_comes_with_its_administrator() -> None:
    made = create_organisation("Brand House", "Head@Example.com")
    assert made.membership.organisation.slug == "brand-house"
    assert made.membership.role == Role.ADMINISTRATOR
    assert made.membership.user.email == "head@example.com"
    assert made.password
    assert made.membership.user.check_password(made.password)


def test_a_known_person_keeps_the_password_and_gets_the_role() -> None:
    first = create_organisation("One", "head@example.com", "calm-harbour-17").membership
    second = create_organisation("Two", "head@example.com")
    assert second.password is None
    assert second.membership.user == first.user
    assert second.membership.user.check_password("calm-harbour-17")
    changed = add_member(first.organisation, "head@example.com", Role.ANALYST).membership
    assert (changed.pk, changed.role) == (first.pk, Role.ANALYST)


@pytest.mark.parametrize(
    ("name", "email", "password", "why"),
    [
        ("One", "new@example.com", "calm-harbour-17", "There is an organisation 'one' already"),
        ("!!!", "new@example.com", "calm-harbour-17", "needs letters or digits, found '!!!'"),
        ("Two", "not an address", "calm-harbour-17", "valid email address"),
        ("Two", "new@example.com", "123", "too short"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(name: str, email: str, password: str, why: str) -> None:
    Organisation.objects.create(name="One", slug="one")
    with pytest.raises(ValidationError, match=why):
        create_organisation(name, email, password)
    assert (Organisation.objects.count(), User.objects.count()) == (1, 0)


def test_the_command_shows_a_made_up_password_once() -> None:
    out = StringIO()
    call_command("createorganisation", "Brand House", "--admin-email", "head@example.com", stdout=out)
    password = out.getvalue().rsplit(": ", 1)[1].strip()
    head = Membership.objects.get().user
    assert head.check_password(password)
    assert not head.is_superuser


def test_the_command_can_open_administration() -> None:
    call_command("createorganisation", "Brand House", "--admin-email", "head@example.com", "--superuser")
    head = User.objects.get()
    assert (head.is_staff, head.is_superuser) == (True, True)


def test_the_command_says_what_is_wrong() -> None:
    Organisation.objects.create(name="One", slug="one")
    with pytest.raises(CommandError, match="There is an organisation 'one' already"):
        call_command("createorganisation", "One", "--admin-email", "head@example.com")
    assert User.objects.count() == 0
