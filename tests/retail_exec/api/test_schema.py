"""The OpenAPI description and its page."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse


def test_the_description_is_valid_and_complete(tmp_path: object) -> None:
    target = f"{tmp_path}/schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", target)
    with open(target, encoding="utf-8") as file:
        text = file.read()
    lists = ["visits", "photos", "facings", "kpis", "out-of-stock", "stores", "skus", "planograms"]
    lists += ["product-availability", "promotions", "must-stock-lists", "rescorings"]
    for path in lists:
        assert f"/api/v1/{path}/:" in text


@pytest.mark.django_db
def test_the_page_keeps_to_the_content_security_policy(client: Client) -> None:
    page = client.get(reverse("api:docs"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in text
    script = client.get(reverse("api:docs"), {"script": ""})
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert reverse("api:schema") in script.content.decode()
