"""The same file, uploaded twice by two people and applied at once over HTTP, is in the books once, on either database."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from finance.models import Entry
from iconm_portal.models import Center, ImportState, Role, TableImport
from kpi.models import Record
from tests.builders.finance import make_accounts
from tests.builders.races import Answer, Sending, at_once
from tests.builders.records import make_category
from tests.builders.sent_forms import form_to
from tests.people import client_of, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("autumn")]
TIMES = 5

LEDGER = "日付,科目コード,科目名,金額,相手方,摘要,証憑番号\nR8.6.1,rent,,{turn},,x,\n"
REGISTER = "区分,件名,時期\nlectures,講座{turn},R8.6.1\n"
KINDS = [
    pytest.param("/lab/finance/imports/entries/", LEDGER, Entry, id="ledger"),
    pytest.param("/lab/records/import/", REGISTER, Record, id="register"),
]


@pytest.fixture
def clients(center: Center) -> list[Client]:
    make_accounts(center)
    make_category(center, "lectures")
    return [client_of(make_person(f"staff-{number}", center.operator, Role.STAFF)) for number in range(2)]


@pytest.mark.parametrize(("address", "text", "model"), KINDS)
def test_it_is_applied_once(
    live_server: LiveServer, clients: list[Client], address: str, text: str, model: type[Entry] | type[Record]
) -> None:
    for turn in range(1, TIMES + 1):
        raced(live_server, clients, address, text.format(turn=turn))
        assert model.objects.count() == turn
        assert TableImport.objects.filter(state=ImportState.APPLIED).count() == turn


@pytest.mark.parametrize(("address", "text", "model"), KINDS[:1])
def test_where_both_say_that_it_is_meant_it_is_applied_twice(
    live_server: LiveServer, clients: list[Client], address: str, text: str, model: type[Entry]
) -> None:
    """The control: without the look-up both are applied."""
    raced(live_server, clients, address, text.format(turn=1), is_meant="yes")
    assert model.objects.count() == 2


def raced(server: LiveServer, clients: list[Client], address: str, text: str, **also: str) -> list[Answer]:
    """Each uploads the file and sees what was read; then both apply."""
    pages = []
    for client in clients:
        made = client.post(address, {"file": SimpleUploadedFile("table.csv", text.encode())})
        pages.append(client.get(made.headers["Location"]))
    tables = TableImport.objects.order_by("-pk")[: len(clients)]
    assert {table.state for table in tables} == {ImportState.CHECKED}
    assert {table.problem_count for table in tables} == {0}
    sendings = []
    for client, page in zip(clients, pages, strict=True):
        apply = page.request["PATH_INFO"] + "apply/"
        sendings.append(Sending.of(client, apply, form_to(page, apply).fields | also))
    answers = at_once(server, sendings)
    assert {answer.status for answer in answers} == {302}
    return answers
