"""A person in two organisations moves between them."""

import pytest
from django.test import Client
from django.urls import reverse

from retail_exec.accounts.models import Membership, Role
from tests.factories import make_member, make_organisation

pytestmark = pytest.mark.django_db


def test_going_to_another_organisation_of_ones_own_and_to_nobody_elses(client: Client) -> None:
    first = make_member(make_organisation("First house"), Role.MANAGER)
    second, foreign = make_organisation("Second house"), make_organisation("Foreign house")
    Membership.objects.create(user=first.user, organisation=second, role=Role.AUDITOR)
    client.force_login(first.user)
    page = client.get(reverse("visits:home"), follow=True).content.decode()
    assert "Go to Second house" in page
    assert "Foreign house" not in page
    client.post(reverse("accounts:organisation", args=[second.pk]))
    page = client.get(reverse("visits:home"), follow=True).content.decode()
    assert "Go to First house" in page
    assert client.post(reverse("accounts:organisation", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("accounts:organisation", args=[first.organisation_id])).status_code == 405
