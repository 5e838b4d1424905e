"""The audit trail: sealed event by event, and only ever added to."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from retail_exec.accounts.models import Membership, Role
from retail_exec.core.audit import FIRST, check, record, record_by_system
from retail_exec.core.models import AuditEvent
from tests.factories import make_member, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Membership:
    return make_member(make_organisation(), Role.ANALYST)


def tamper(sql: str, *values: object) -> None:
    """Do what only somebody with the database's own rights can: change the rows behind the guard."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE core_auditevent DISABLE TRIGGER audit_event_is_final")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE core_auditevent ENABLE TRIGGER audit_event_is_final")


def some_events(analyst: Membership) -> list[AuditEvent]:
    return [
        record(
            analyst, "facing.correct", "photo 1 facing 2", before="Fieldmark", verdict="unknown", sku=None
        ),
        record_by_system(analyst.organisation_id, "model.activate", "detector 2", forced=False),
        record(analyst, "photo.move", "photo 1", bay=3),
    ]


def test_each_event_is_chained_to_the_one_before(analyst: Membership) -> None:
    first, second, third = some_events(analyst)
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert [first.previous, second.previous, third.previous] == [FIRST, first.hash, second.hash]
    found = check(analyst.organisation)
    assert (found.events, found.head, found.broken) == (3, third.hash, "")


def test_organisations_have_trails_of_their_own(analyst: Membership) -> None:
    other = make_member(make_organisation())
    some_events(analyst)
    assert record(other, "photo.move", "photo 9").previous == FIRST


def test_a_changed_event_shows(analyst: Membership) -> None:
    second = some_events(analyst)[1]
    tamper("UPDATE core_auditevent SET subject = 'detector 3' WHERE id = %s", second.pk)
    found = check(analyst.organisation)
    assert found.events == 1
    assert "event 2 (model.activate, detector 3) was changed" in found.broken


def test_a_removed_event_shows(analyst: Membership) -> None:
    first = some_events(analyst)[0]
    tamper("DELETE FROM core_auditevent WHERE id = %s", first.pk)
    assert check(analyst.organisation).broken == "event 1 is missing: the next one is 2"


@pytest.mark.parametrize(
    "sql",
    ["UPDATE core_auditevent SET action = 'x' WHERE id = %s", "DELETE FROM core_auditevent WHERE id = %s"],
)
def test_the_database_refuses_changes(analyst: Membership, sql: str) -> None:
    event = some_events(analyst)[0]
    with pytest.raises(DatabaseError, match="audit events are never"), transaction.atomic():
        connection.cursor().execute(sql, [event.pk])
    assert check(analyst.organisation).events == 3


def test_a_person_who_leaves_stays_named(analyst: Membership) -> None:
    some_events(analyst)
    email = analyst.user.email
    analyst.user.delete()
    assert AuditEvent.objects.filter(actor=None, actor_name=email).count() == 2
    assert check(analyst.organisation).broken == ""


@pytest.mark.django_db(transaction=True)
def test_events_written_at_once_stay_one_chain(analyst: Membership) -> None:
    def write(number: int) -> None:
        record(analyst, "photo.move", f"photo {number}")
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    assert check(analyst.organisation).events == 20


def test_the_command_tells_heads_and_what_is_gone(analyst: Membership) -> None:
    last = some_events(analyst)[-1]
    out = StringIO()
    call_command("verify_audit", "--contains", last.hash, stdout=out)
    assert f"{analyst.organisation.slug}: 3 events, head {last.hash}, whole" in out.getvalue()
    tamper("DELETE FROM core_auditevent WHERE id = %s", last.pk)
    with pytest.raises(CommandError, match="No event with the hash noted earlier"):
        call_command("verify_audit", "--contains", last.hash, stdout=out)
    tamper("UPDATE core_auditevent SET detail = '{}' WHERE organisation_id = %s", analyst.organisation_id)
    with pytest.raises(CommandError, match="does not hold"):
        call_command("verify_audit", stdout=out)
    with pytest.raises(CommandError, match="no organisation 'nobody'"):
        call_command("verify_audit", "--organisation", "nobody", stdout=out)


def test_analysts_read_and_check_their_own_trail(analyst: Membership, client: Client) -> None:
    some_events(analyst)
    record(make_member(make_organisation(), Role.ANALYST), "photo.move", "photo of another house")
    client.force_login(analyst.user)
    page = client.get(reverse("audit_trail"), {"check": "1"}).content.decode()
    assert "photo 1 facing 2" in page
    assert "another house" not in page
    assert "The trail is whole" in page
    found = client.get(reverse("audit_trail"), {"q": "move"}).content.decode()
    assert "facing.correct" not in found
    client.force_login(make_member(analyst.organisation, Role.AUDITOR).user)
    assert client.get(reverse("audit_trail")).status_code == 403


def test_pages_keep_the_search(analyst: Membership, client: Client) -> None:
    for number in range(51):
        record(analyst, "photo.move", f"photo {number}")
    client.force_login(analyst.user)
    first = client.get(reverse("audit_trail"), {"q": "photo move", "check": "1"}).content.decode()
    assert 'href="?q=photo+move&amp;page=2"' in first
    assert "Page 1 of 2" in first
    second = client.get(reverse("audit_trail"), {"q": "photo", "page": "2"}).content.decode()
    assert 'href="?q=photo&amp;page=1"' in second
    assert "photo 0" in second
