"""Keys made and revoked on the command line; the API's own tests show what they open."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from retail_exec.accounts.models import ApiKey
from retail_exec.accounts.services.api_keys import find_api_key
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_key_is_made_shown_once_and_revoked() -> None:
    member, out = make.make_member(make.make_organisation()), StringIO()
    options = [
        "--organisation",
        member.organisation.slug,
        "--email",
        member.user.email.upper(),
        "--name",
        "till",
    ]
    call_command("createapikey", *options, stdout=out)
    secret = out.getvalue().rsplit(": ", 1)[1].strip()
    key = find_api_key(secret)
    assert key is not None
    assert (key.membership, key.name) == (member, "till")
    call_command("createapikey", "--revoke", secret[:8], stdout=out)
    assert find_api_key(secret) is None
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "Expected --organisation and --email"),
        (["--organisation", "x", "--email", "nobody@example.com"], "nobody@example.com is no member"),
        (["--revoke", "abc"], "Expected one valid key that begins with 'abc', found 0."),
    ],
)
def test_the_command_says_what_is_wrong(options: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("createapikey", *options)
    assert ApiKey.objects.count() == 0
