"""The ledger's pages: who sees which year, posting and correcting by hand, closing and reopening, paging, CSV."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from finance.ledger import actions, ledger
from finance.models import Entry, YearClosing
from iconm_portal.models import Center, User
from tests.builders.finance import make_accounts, settled
from tests.builders.ledger import AT, DAY, YEAR, close, kept, make_deposits, new, post
from tests.people import LogIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def accounts(center: Center) -> None:
    make_accounts(center)
    make_deposits(center)


def at(center: Center, name: str, **more: Any) -> str:
    return reverse(f"finance:{name}", kwargs={"center": center.code, **more})


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address, headers={"accept-language": "en"})
    assert response.status_code == status, (address, response.status_code)
    return response.content.decode()


@pytest.fixture
def staff(log_in: LogIn, foundation_staff: User) -> Client:
    return english(log_in(foundation_staff))


def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


TYPED = {
    "date": "令和7年6月10日",
    "account": "rent",
    "amount": "１，２３４円",
    "description": "６月分",
    "counterparty": "株式会社 臨海",
    "voucher": "V-1",
}


def test_the_ledger_of_an_open_year_is_the_operators_own(
    center: Center, log_in: LogIn, foundation_staff: User, foundation_viewer: User, city_staff: User
) -> None:
    """docs/decisions/0007."""
    made = post(center, amount=987_654, by=foundation_staff)
    closed_to_others = [
        at(center, "entry", number=made.pk),
        at(center, "ledger_export", year=2025),
        at(center, "ledger_of_account", year=2025, account="rent"),
    ]
    sums = [at(center, "ledger"), at(center, "ledger_of_year", year=2025)]
    for address in closed_to_others:
        assert log_in(foundation_staff).get(address).status_code == 200
    for other in (foundation_viewer, city_staff):
        client = english(log_in(other))
        assert {client.get(address).status_code for address in closed_to_others} == {403}
        assert all("987,654" not in text(client, address) for address in sums)
    close(center, by=foundation_staff)
    for other in (foundation_viewer, city_staff):
        client = english(log_in(other))
        assert {client.get(address).status_code for address in closed_to_others} == {200}
        assert all("987,654" in text(client, address) for address in sums)
    client = english(log_in(city_staff))
    client.post(at(center, "year_reopen", year=2025), {"reason": "追加の証憑"})
    assert client.get(closed_to_others[0]).status_code == 403


def test_a_line_is_posted_as_officials_type_it_and_the_form_stays_for_the_next(
    center: Center, staff: Client
) -> None:
    response = staff.post(at(center, "entry_new"), TYPED, follow=True)
    made = Entry.objects.get()
    assert (made.amount, made.date, made.account.code) == (1_234, DAY, "rent")
    shown = response.content.decode()
    assert f"Entry no. {made.pk} was posted" in shown
    assert 'value="令和7年6月10日"' in shown
    assert '<option value="rent" selected>' in shown
    assert (
        "６月分"
        not in shown.partition("What you posted last")[0].partition('<form method="post" class="form"')[2]
    )


def test_an_equal_entry_is_shown_before_it_is_posted_all_the_same(center: Center, staff: Client) -> None:
    """Nothing is forbidden: two equal fares on one day are two."""
    new = at(center, "entry_new")
    staff.post(new, TYPED)
    first = Entry.objects.get()
    asked = staff.post(new, TYPED)
    said = asked.content.decode()
    assert (asked.status_code, Entry.objects.count()) == (409, 1)
    assert "an equal entry is in the ledger already" in said
    assert f"/entries/{first.pk}/" in said.partition("Not posted yet")[2].partition("</ul>")[0]
    assert 'name="is_another"' in said
    assert staff.post(new, TYPED | {"is_another": "on"}).status_code == 302
    assert Entry.objects.count() == 2


@pytest.mark.parametrize(
    "other", [{"amount": "1235"}, {"description": "７月分"}, {"date": "令和7年6月11日"}, {"account": "other"}]
)
def test_what_differs_is_posted_at_once(center: Center, staff: Client, other: dict[str, str]) -> None:
    staff.post(at(center, "entry_new"), TYPED)
    assert staff.post(at(center, "entry_new"), TYPED | other).status_code == 302


def test_what_was_taken_back_is_posted_anew_at_once(
    center: Center, staff: Client, foundation_staff: User
) -> None:
    staff.post(at(center, "entry_new"), TYPED)
    actions.reverse(entry=Entry.objects.get(), reason="誤り", by=foundation_staff, at=AT)
    assert staff.post(at(center, "entry_new"), TYPED).status_code == 302


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("amount", "12.5", "whole number"),
        ("amount", "12a", "unit"),
        ("amount", "1000000000000000", "at most 15 digits"),
        ("amount", "0", "The amount is not 0"),
        ("date", "令和9年4月1日", "future"),
        ("date", "6/31", "not understood"),
        ("account", "indirect", "valid choice"),
        ("part", "indirect", "Choose a part of"),
        ("description", " ", "required"),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(
    center: Center, staff: Client, field: str, typed: str, said: str
) -> None:
    response = staff.post(at(center, "entry_new"), TYPED | {field: typed})
    shown = response.content.decode()
    assert (response.status_code, Entry.objects.count(), kept(center)) == (400, 0, {})
    assert said in shown.partition('class="form"')[2]
    assert "６月分" in shown or field == "description"


def test_red_and_black_are_shown_as_such_and_linked_both_ways(center: Center, staff: Client) -> None:
    staff.post(at(center, "entry_new"), TYPED)
    made = Entry.objects.get()
    page = at(center, "entry_correct", number=made.pk)
    assert 'value="1,234"' in text(staff, page)
    response = staff.post(page, TYPED | {"amount": "2345", "reason": "金額の誤り"}, follow=True)
    red, black = made.reversed_by, Entry.objects.get(corrects=made)
    assert (red.amount, black.amount) == (-1_234, 2_345)
    assert response.redirect_chain[-1][0] == at(center, "entry", number=black.pk)
    of_red, of_made = (text(staff, at(center, "entry", number=one.pk)) for one in (red, made))
    assert "▲1,234" in of_red
    assert "A red entry" in of_red
    assert f"/entries/{made.pk}/" in of_red
    assert f"taken back by no. {red.pk}" in of_made
    assert f"/entries/{black.pk}/" in of_made
    of_account = text(staff, at(center, "ledger_of_account", year=2025, account="rent"))
    assert "Red: takes back" in of_account
    assert "written anew as" in of_account
    assert "2,345" in of_account


def test_whoever_comes_second_is_told_that_the_entry_is_taken_back(
    center: Center, staff: Client, foundation_staff: User
) -> None:
    made = post(center, by=foundation_staff)
    red = actions.reverse(entry=made, reason="誤り", by=foundation_staff, at=AT)
    for name in ("entry_reverse", "entry_correct"):
        response = staff.post(at(center, name, number=made.pk), TYPED | {"reason": "誤り"})
        assert response.status_code == 409
        assert "reversed this entry already" in response.content.decode()
        assert "What you typed, which was not saved" in response.content.decode()
    response = staff.post(at(center, "entry_reverse", number=red.pk), {"reason": "誤り"})
    assert "a reversal itself" in response.content.decode()
    assert Entry.objects.count() == 2


def test_a_year_is_closed_by_the_operator_and_reopened_by_the_supporter_with_a_reason(
    center: Center, staff: Client, log_in: LogIn, city_staff: User
) -> None:
    assert staff.post(at(center, "year_close", year=2990)).status_code == 409
    staff.post(at(center, "year_close", year=2025))
    assert staff.post(at(center, "year_close", year=2025)).status_code == 409
    refused = staff.post(at(center, "entry_new"), TYPED)
    assert "is closed" in refused.content.decode()
    city = english(log_in(city_staff))
    assert city.post(at(center, "year_reopen", year=2025), {"reason": " "}).status_code == 400
    assert city.post(at(center, "year_reopen", year=2025), {"reason": "証憑の追加"}).status_code == 302
    assert city.post(at(center, "year_reopen", year=2025), {"reason": "もう一度"}).status_code == 400
    story = text(staff, at(center, "ledger_of_year", year=2025))
    assert "Reopened on" in story
    assert "証憑の追加" in story
    assert YearClosing.objects.count() == 1
    assert staff.post(at(center, "entry_new"), TYPED).status_code == 302


def test_a_year_says_how_it_stands_to_its_settlement_and_years_without_a_ledger_say_so(
    center: Center, staff: Client, foundation_staff: User, city_staff: User
) -> None:
    settled(center, 2024, {"rent": 5_000}, by=foundation_staff, reviewer=city_staff)
    post(center, "rent", 4_000, date(2024, 5, 1), by=foundation_staff)
    shown = text(staff, at(center, "ledger_of_year", year=2024))
    assert "differs from the settlement in 1 account" in shown
    assert "▲1,000" in shown
    of_account = text(staff, at(center, "ledger_of_account", year=2024, account="rent"))
    assert "the ledger differs from it by ▲1,000 yen" in of_account
    assert "No ledger" in text(staff, at(center, "ledger_of_year", year=2019))
    assert "no ledger" in text(staff, at(center, "ledger") + "?first=2019&last=2024")
    assert staff.get(at(center, "ledger_of_account", year=2019, account="support")).status_code == 404
    assert staff.get(at(center, "ledger_of_account", year=2019, account="nothing")).status_code == 404


def test_pages_go_forward_and_back_and_filters_are_checked(
    center: Center, staff: Client, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [new(center, amount=number, description=f"{number}番") for number in range(1, 8)]
    actions.post_many(center=center, rows=rows, by=foundation_staff, at=AT)
    monkeypatch.setattr(ledger.page, "__kwdefaults__", {"size": 3})
    page = at(center, "ledger_of_account", year=2025, account="rent")
    first = staff.get(page).context
    second = staff.get(page + first["neighbours"].next).context
    last = staff.get(page + first["neighbours"].last).context
    assert [line.running for line in second["page"].lines] == [10, 15, 21]
    assert [line.entry.amount for line in last["page"].lines] == [5, 6, 7]
    back = staff.get(page + second["neighbours"].previous).context
    assert [line.entry.amount for line in back["page"].lines] == [1, 2, 3]
    year = at(center, "ledger_of_year", year=2025)
    found = staff.get(year, {"q": "４番", "month": "2025-06", "account": "rent", "voucher": "v-1"})
    assert [line.entry.amount for line in found.context["page"].lines] == [4]
    for bad in ({"month": "2024-06"}, {"after": "x"}, {"account": "running"}, {"after": "20259999-1"}):
        shown = staff.get(year, bad)
        assert shown.status_code == 200
        assert shown.context["page"].lines == []
        assert "The list is empty because of this" in shown.content.decode()


def test_the_export_holds_every_line_and_runs_no_formula(
    center: Center, staff: Client, foundation_staff: User
) -> None:
    made = post(center, by=foundation_staff, description="=HYPERLINK(1)")
    actions.reverse(entry=made, reason="誤り", by=foundation_staff, at=AT)
    response = staff.get(at(center, "ledger_export", year=2025))
    body = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [row["金額（円）"] for row in rows] == ["1000", "-1000"]
    assert rows[0]["摘要"] == "'=HYPERLINK(1)"
    assert (rows[1]["取消の対象No."], rows[1]["理由"]) == (str(made.pk), "誤り")


def test_the_number_of_queries_does_not_grow_with_the_entries(
    center: Center,
    staff: Client,
    foundation_staff: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    pages = [
        at(center, "ledger"),
        at(center, "ledger_of_year", year=2025),
        at(center, "ledger_of_account", year=2025, account="rent"),
    ]

    def counted() -> list[int]:
        counts = []
        for page in pages:
            with django_assert_max_num_queries(20) as queries:
                assert staff.get(page).status_code == 200
            counts.append(len(queries.captured_queries))
        return counts

    post(center, by=foundation_staff)
    few = counted()
    rows = [
        new(center, code, day=day)
        for code in ("rent", "other", "research")
        for day in (date(2023, 5, 1), date(2024, 5, 1), DAY)
        for _times in range(30)
    ]
    actions.post_many(center=center, rows=rows, by=foundation_staff, at=AT)
    with translation.override("en"):
        actions.reverse(entry=Entry.objects.all()[0], reason="誤り", by=foundation_staff, at=AT)
    assert counted() == few
    assert YEAR in ledger.has_ledger(center)
