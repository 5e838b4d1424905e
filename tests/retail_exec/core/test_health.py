"""The health answer, asked the way a load balancer does."""

import pytest
from django.db import connection
from django.test import Client, override_settings

BY_ADDRESS = {"headers": {"host": "10.0.0.7:8000"}}
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_answers_by_address_and_without_https(client: Client) -> None:
    response = client.get("/health", **BY_ADDRESS)
    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})


@pytest.mark.django_db
@override_settings(REDIS_URL=NOWHERE)
def test_lives_without_redis_but_says_so(client: Client) -> None:
    response = client.get("/health", **BY_ADDRESS)
    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "unreachable"})


@pytest.mark.django_db(transaction=True)
def test_does_not_live_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"host": "127.0.0.1", "port": 1})
    response = client.get("/health", **BY_ADDRESS)
    connection.close()
    assert (response.status_code, response.json()["database"]) == (503, "unreachable")


@pytest.mark.django_db
def test_other_pages_still_want_a_known_host(client: Client) -> None:
    assert client.get("/", **BY_ADDRESS).status_code == 400
