"""Making organisations and giving people a role in them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from retail_exec.accounts.models import Membership, Organisation, Role, User


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member just added. password: the one made up for a new account, to be shown once; None otherwise."""

    membership: Membership
    password: str | None = None


@transaction.atomic
def create_organisation(name: str, admin_email: str, password: str | None = None) -> NewMember:
    """Make an organisation and its first administrator.

    Raises ValidationError for a name without a usable slug or taken already, a bad address, or a weak
    password.
    """
    slug = slugify(name)
    if not slug:
        raise ValidationError(f"An organisation's name needs letters or digits, found {name!r}.")
    if Organisation.objects.filter(slug=slug).exists():
        raise ValidationError(f"There is an organisation {slug!r} already. Choose another name.")
    return add_member(
        Organisation.objects.create(name=name, slug=slug), admin_email, Role.ADMINISTRATOR, password
    )


@transaction.atomic
def add_member(organisation: Organisation, email: str, role: Role, password: str | None = None) -> NewMember:
    """Give the person with this address a role, making the account when there is none.

    A known person keeps the password; one who is a member already gets the new role. Without ``password`` one
    is made up. Raises ValidationError for a bad address or too weak a password.
    """
    validate_email(email)
    user = User.objects.filter(email__iexact=email).first()
    made_up = None
    if user is None:
        if password is None:
            password = made_up = secrets.token_urlsafe(12)
        validate_password(password, User(email=email))
        user = User.objects.create_user(email, password)
    membership, _ = Membership.objects.update_or_create(
        user=user, organisation=organisation, defaults={"role": role}
    )
    return NewMember(membership, made_up)
