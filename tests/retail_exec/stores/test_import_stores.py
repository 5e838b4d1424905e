"""Files of stores: read with every fault named, brought in, handed out, and by whom."""

from __future__ import annotations

import csv
import html
import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from retail_exec.accounts.models import Membership, Organisation, Role
from retail_exec.catalog.models import Category
from retail_exec.core.models import AuditEvent
from retail_exec.stores.csv_import import COLUMNS, StoresFileError, parse
from retail_exec.stores.models import Bay, Chain, Region, Store
from retail_exec.stores.services.export_stores import export_rows
from retail_exec.stores.services.import_stores import StoresImport, import_stores
from tests.factories import make_member, make_organisation, make_store
from tests.retail_exec.world import client as api_client

pytestmark = pytest.mark.django_db
FILE = """store;name;chain;channel;region;address;bay;category;width_cm;eye_level_from;eye_level_to
N001;Market Street;Greengrove;Modern trade;North;1 Market Street;Crisps 1;Crisps;133,5;1;2
N001;;;;;;Crisps 2;crisps;;;
N002;Corner;Corner & Co;general;South;;;;;;
"""


@pytest.fixture
def organisation() -> Organisation:
    made = make_organisation()
    Category.objects.create(organisation=made, name="Crisps")
    return made


@pytest.fixture
def analyst(organisation: Organisation) -> Membership:
    return make_member(organisation, Role.ANALYST)


def bring_in(organisation: Organisation, text: str, dry_run: bool = False) -> StoresImport:
    return import_stores(organisation, text.encode(), dry_run=dry_run)


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_a_file_becomes_chains_regions_stores_and_bays(organisation: Organisation) -> None:
    outcome = bring_in(organisation, FILE)
    assert (outcome.stores_added, outcome.bays_added, outcome.left) == (2, 2, [])
    assert (outcome.chains, outcome.regions) == (["Greengrove", "Corner & Co"], ["North", "South"])
    store = Store.objects.get(code="N001")
    assert (store.name, store.chain.channel, store.region.name) == ("Market Street", "modern", "North")
    first = store.bays.get(name="Crisps 1")
    assert (first.category.name, first.width_cm) == ("Crisps", 133.5)
    assert (first.eye_level_from, first.eye_level_to) == (1, 2)
    assert store.bays.get(name="Crisps 2").width_cm is None
    assert Store.objects.get(code="N002").bays.count() == 0
    again = bring_in(organisation, FILE)
    assert (again.changes, again.chains, again.left) == (0, [], [])


def test_what_is_there_is_changed_and_nothing_is_deleted(organisation: Organisation) -> None:
    bring_in(organisation, FILE)
    text = (
        "code,store_name,chain,region,bay,width\nN001,High Street,greengrove,,CRISPS 1,140\nN002,,,East,,\n"
    )
    outcome = bring_in(organisation, text)
    assert (outcome.stores_changed, outcome.bays_changed, outcome.stores_added) == (2, 1, 0)
    store = Store.objects.get(code="N001")
    assert (store.name, store.address, store.chain.name) == ("High Street", "1 Market Street", "Greengrove")
    assert store.bays.get(name="Crisps 1").width_cm == 140
    assert Bay.objects.count() == 2
    assert Store.objects.get(code="N002").region.name == "East"


def test_a_chain_that_changes_its_channel_is_remarked(organisation: Organisation) -> None:
    bring_in(organisation, FILE)
    outcome = bring_in(organisation, "store,channel\nN001,general\n")
    assert (outcome.chains_changed, outcome.changes) == (1, 1)
    assert "Greengrove was modern trade" in outcome.remarks[0].why
    assert Chain.objects.get(name="Greengrove").channel == "general"


def test_a_dry_run_changes_nothing(organisation: Organisation) -> None:
    outcome = bring_in(organisation, FILE, dry_run=True)
    assert (outcome.stores_added, outcome.bays_added) == (2, 2)
    assert not Store.objects.exists()
    assert not Chain.objects.exists()


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        (",x,,,,,,,,,", "store", "is empty"),
        ("N9,x,,,North,,,,,,", "chain", "the new store N9 needs one"),
        ("N9,x,Greengrove,,,,,,,,", "region", "the new store N9 needs one"),
        ("N9,x,Greengrove,airport,North,,,,,,", "channel", "expected modern or general, found 'airport'"),
        ("N9,x,Greengrove,general,North,,,,,,", "channel", "line 2 says 'modern' of Greengrove"),
        ("N001,Other,,,,,,,,,", "name", "line 2 says 'Market Street' of the store N001"),
        ("N001,,,,,,crisps 1,,,,", "bay", "is in line 2 already"),
        ("N001,,,,,,,Crisps,,,", "bay", "is empty, while category is given"),
        ("N001,,,,,,Nuts,Nuts,,,", "category", "no category of the catalogue"),
        ("N001,,,,,,New,,wide,,", "width_cm", "expected centimetres above 0, found 'wide'"),
        ("N001,,,,,,New,,-1,,", "width_cm", "expected centimetres above 0"),
        ("N001,,,,,,New,,nan,,", "width_cm", "expected centimetres above 0"),
        ("N001,,,,,,New,,,1,", "eye_level_to", "needs both ends"),
        ("N001,,,,,,New,,,2,1", "eye_level_to", "1 is above eye_level_from, 2"),
        ("N001,,,,,,New,,,top,1", "eye_level_from", "expected a shelf from 0"),
        (f"{'N' * 41},x,Greengrove,,North,,,,,,", "store", "up to 40 characters, found 41"),
        ("N9,x,Greengrove,,North,,,,,,,more", "", "12 cells where the header has 11"),
    ],
)
def test_a_bad_row_is_left_with_its_line(organisation: Organisation, row: str, field: str, why: str) -> None:
    good = [",".join(COLUMNS), "N001,Market Street,Greengrove,modern,North,,Crisps 1,Crisps,100,,"]
    outcome = bring_in(organisation, "\n".join([*good, row]))
    assert [(left.line, left.field) for left in outcome.left] == [(3, field)]
    assert why in outcome.left[0].why
    assert list(Store.objects.values_list("code", flat=True)) == ["N001"]
    assert Bay.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("name,chain\nx,y\n", "expected a column store; found: name, chain"),
        ("store,code\nx,y\n", "the column store is there twice"),
        ('store,name\nx,"y\n', "quotation marks"),
        ("store,name\nx,a\x00b\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(organisation: Organisation, text: str, why: str) -> None:
    with pytest.raises(StoresFileError, match=why):
        bring_in(organisation, text)
    assert not Store.objects.exists()


def test_the_export_comes_in_again_and_changes_nothing(
    organisation: Organisation, analyst: Membership
) -> None:
    bring_in(organisation, FILE)
    Store.objects.filter(code="N002").update(name="=SUM(A1)", address="-5 Low Road")
    before = list(export_rows(Store.objects.filter(organisation=organisation)))
    sent = signed_in(analyst).get(reverse("stores:download")).getvalue()
    assert next(csv.reader(io.StringIO(sent.decode("utf-8-sig")))) == list(COLUMNS)
    assert b"'=SUM" in sent
    assert (import_stores(organisation, sent).changes, parse(sent).left) == (0, ())
    other = make_organisation()
    Category.objects.create(organisation=other, name="Crisps")
    assert import_stores(other, sent).left == []
    assert list(export_rows(Store.objects.filter(organisation=other))) == before


def test_looked_at_on_screen_and_then_brought_in(organisation: Organisation, analyst: Membership) -> None:
    client = signed_in(analyst)
    file = SimpleUploadedFile("stores.csv", (FILE + "N003;;;;;;;;;;\n").encode())
    looked = client.post(reverse("stores:upload"), {"file": file})
    page = html.unescape(looked.content.decode())
    assert "1 row will be left out" in page
    assert "the new store N003 needs one" in page
    assert "N003;;;;" in page
    assert not Store.objects.exists()
    kept = looked.context["kept"]
    done = html.unescape(client.post(reverse("stores:confirm"), {"kept": kept}).content.decode())
    assert "It is stored." in done
    assert Store.objects.count() == 2
    event = AuditEvent.objects.get(action="stores imported")
    assert (event.subject, event.detail["stores_added"]) == ("stores.csv", 2)
    listed = client.get(reverse("stores:list"), {"q": "greeng"}).content.decode()
    assert "Market Street" in listed
    assert "Corner" not in listed


def test_only_the_very_file_that_was_looked_at_comes_in(
    organisation: Organisation, analyst: Membership
) -> None:
    client = signed_in(analyst)
    kept = client.post(
        reverse("stores:upload"), {"file": SimpleUploadedFile("stores.csv", FILE.encode())}
    ).context["kept"]
    colleague = signed_in(make_member(organisation, Role.ANALYST))
    for who, sealed in ((client, kept[:-2]), (client, ""), (colleague, kept)):
        answer = who.post(reverse("stores:confirm"), {"kept": sealed}, follow=True)
        assert "Choose the file again" in answer.content.decode()
    assert not Store.objects.exists()
    refused = client.post(reverse("stores:upload"), {"file": SimpleUploadedFile("x.csv", b"name\nx\n")})
    assert "expected a column store" in html.unescape(refused.content.decode())


def test_who_may(organisation: Organisation, analyst: Membership) -> None:
    store = make_store(organisation)
    manager, auditor = make_member(organisation, Role.MANAGER), make_member(organisation)
    stranger = make_member(make_organisation(), Role.ANALYST)
    for member, looks, changes in ((analyst, 200, 200), (manager, 200, 403), (auditor, 403, 403)):
        client = signed_in(member)
        assert client.get(reverse("stores:list")).status_code == looks
        assert client.get(reverse("stores:download")).status_code == looks
        assert client.get(reverse("stores:upload")).status_code == changes
    assert signed_in(manager).post(reverse("stores:confirm")).status_code == 403
    assert store.name not in signed_in(stranger).get(reverse("stores:list")).content.decode()
    assert store.code not in signed_in(stranger).get(reverse("stores:download")).getvalue().decode()


def test_over_the_api(organisation: Organisation, analyst: Membership) -> None:
    url, api = "/api/v1/stores/import/", api_client(analyst)

    def file(text: str = FILE) -> dict[str, SimpleUploadedFile]:
        return {"file": SimpleUploadedFile("stores.csv", text.encode())}

    tried = api.post(f"{url}?dry_run=1", file(), format="multipart").json()
    assert (tried["dry_run"], tried["stores_added"], Store.objects.count()) == (True, 2, 0)
    done = api.post(url, file(), format="multipart").json()
    assert (done["dry_run"], done["bays_added"], done["regions"]) == (False, 2, ["North", "South"])
    assert api.get("/api/v1/stores/").json()["count"] == 2
    wrong = api.post(url, file("name\nx\n"), format="multipart")
    assert (wrong.status_code, "expected a column store" in wrong.json()["detail"]) == (400, True)
    for role in (Role.MANAGER, Role.AUDITOR):
        member = api_client(make_member(organisation, role))
        assert member.post(url, file(), format="multipart").status_code == 403
    theirs = api_client(make_member(make_organisation(), Role.ANALYST))
    assert theirs.post(url, file(), format="multipart").json()["stores_added"] == 2
    assert Store.objects.filter(organisation=organisation).count() == 2


def test_by_command(organisation: Organisation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, told = tmp_path / "stores.csv", tmp_path / "told.json"
    path.write_text(FILE + "N003;;;;;;;;;;\n")
    call_command("import_stores", path, organisation=organisation.slug, dry_run=True, json=told)
    said = capsys.readouterr().out
    assert "left: line 5, chain: is empty; the new store N003 needs one." in said
    assert "Would import: 2 new stores, 0 changed, 2 new bays, 0 changed; 1 rows left out." in said
    assert json.loads(told.read_text())["left"][0]["line"] == 5
    assert not Region.objects.exists()
    call_command("import_stores", path, organisation=organisation.slug)
    out = tmp_path / "out.csv"
    call_command("export_stores", organisation=organisation.slug, out=out)
    assert import_stores(organisation, out.read_bytes()).changes == 0
    for name, arguments in (("import_stores", [tmp_path / "none.csv"]), ("export_stores", [])):
        with pytest.raises(CommandError, match=r"no organisation|No such file"):
            call_command(name, *arguments, organisation="nobody" if not arguments else organisation.slug)


def test_a_long_file_takes_few_queries(
    organisation: Organisation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [f"S{n},Store {n},Chain {n % 3},,North,,Bay {k},Crisps,100,," for n in range(300) for k in (1, 2)]
    with django_assert_max_num_queries(25):
        outcome = bring_in(organisation, "\n".join([",".join(COLUMNS), *rows]))
    assert (outcome.stores_added, outcome.bays_added) == (300, 600)
