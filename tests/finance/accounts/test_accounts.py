"""Accounts, kept by the staff of both sides: never so that lines or entries lose the account that they stand on."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from agreements.pages.master.actions import fingerprint
from finance.accounts import actions
from finance.accounts.actions import AccountFacts
from finance.models import Account, Purpose, Side
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import account, make_accounts, make_statement
from tests.builders.ledger import post
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture(autouse=True)
def tree(center: Center) -> None:
    make_accounts(center)


def facts(center: Center, **given: Any) -> AccountFacts:
    """Of a revenue account from FY2022 on; `parent` and `within` are codes."""
    for name in ("parent", "within"):
        if name in given:
            given[name] = account(center, given[name])
    years = {name: FiscalYear(given.pop(name)) for name in ("first_year", "last_year") if name in given}
    return AccountFacts(
        **{"name": "新しい科目", "side": Side.REVENUE, "first_year": FiscalYear(2022), **years, **given}
    )


def as_is(one: Account, **changed: Any) -> AccountFacts:
    names = AccountFacts.__dataclass_fields__
    return AccountFacts(**({name: getattr(one, name) for name in names} | changed))


def change(one: Account, by: User, **changed: Any) -> Account:
    seen = fingerprint(actions.account_state(one))
    return actions.change_account(account=one, seen=seen, facts=as_is(one, **changed), by=by)


def refused(center: Center, by: User, code: str = "new-one", **given: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        actions.add_account(center=center, code=code, facts=facts(center, **given), by=by)
    return error.value.message_dict


def test_an_account_is_added_renamed_and_ended_and_its_history_says_so(
    center: Center, city_staff: User
) -> None:
    made = actions.add_account(center=center, code="grants", facts=facts(center), by=city_staff)
    assert made.position == 9
    change(made, city_staff, name="補助金", last_year=FiscalYear(2023))
    made.refresh_from_db()
    assert (made.code, made.name, made.last_year) == ("grants", "補助金", FiscalYear(2023))
    events = HistoryEvent.objects.filter(subject="finance.account/lab/grants").order_by("pk")
    assert [event.action for event in events] == ["account.add", "account.change"]
    assert events[1].before == {"name": "新しい科目", "last_year": None}


def test_only_staff_keep_accounts(
    center: Center,
    foundation_staff: User,
    foundation_viewer: User,
    administrator: User,
    foreign_city_staff: User,
) -> None:
    actions.add_account(center=center, code="gifts", facts=facts(center), by=foundation_staff)
    for person in (foundation_viewer, administrator, foreign_city_staff):
        with pytest.raises(PermissionDenied):
            actions.add_account(center=center, code="grants", facts=facts(center), by=person)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "rent"}, "__all__"),
        ({"code": "Ｒent"}, "code"),
        ({"code": "export"}, "code"),
        ({"last_year": 2021}, "last_year"),
        ({"parent": "research"}, "parent"),
        ({"within": "indirect"}, "within"),
        ({"parent": "rent", "within": "rent"}, "__all__"),
        ({"parent": "rent", "first_year": 2010}, "first_year"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(
    center: Center, city_staff: User, given: dict[str, Any], field: str
) -> None:
    assert field in refused(center, city_staff, **given)
    assert Account.objects.count() == 8


def test_nothing_is_put_under_an_account_in_years_in_which_it_has_lines_or_entries_of_its_own(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    post(center, "rent", by=foundation_staff)
    make_statement(center, 2023, {"rent": 5}, by=foundation_staff)
    said = refused(center, city_staff, parent="rent")["parent"][0]
    assert "FY2023, FY2025" in said
    made = actions.add_account(
        center=center, code="sub", facts=facts(center, parent="rent", first_year=2026), by=city_staff
    )
    with pytest.raises(ValidationError, match="FY2025"):
        change(made, city_staff, first_year=FiscalYear(2025))


def test_an_account_is_not_cut_below_what_stands_on_it_nor_moved(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    post(center, "research-income", part="indirect", by=foundation_staff)
    for code in ("research-income", "indirect"):
        one = account(center, code)
        with pytest.raises(ValidationError) as error:
            change(one, city_staff, last_year=FiscalYear(2024))
        assert "FY2025" in error.value.message_dict["last_year"][0]
    with pytest.raises(ValidationError) as error:
        change(account(center, "running"), city_staff, last_year=FiscalYear(2030))
    assert "施設管理" in error.value.message_dict["last_year"][0]
    with pytest.raises(ValidationError) as error:
        change(account(center, "research-income"), city_staff, side=Side.EXPENDITURE)
    assert list(error.value.message_dict) == ["side"]
    assert change(account(center, "indirect"), city_staff, last_year=FiscalYear(2025)).last_year is not None


def test_a_meaning_that_is_there_stays_where_something_is_recorded(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    change(account(center, "rent"), city_staff, purpose=Purpose.NONE)  # nothing is recorded on it yet
    change(account(center, "rent"), city_staff, purpose=Purpose.RENT)
    for code in ("rent", "other"):
        post(center, code, by=foundation_staff)
    with pytest.raises(ValidationError) as error:
        change(account(center, "rent"), city_staff, purpose=Purpose.RESEARCH_INCOME)
    assert list(error.value.message_dict) == ["purpose"]
    assert change(account(center, "other"), city_staff, purpose=Purpose.RENT).purpose == Purpose.RENT


def test_what_only_the_database_refuses_is_said_on_the_page_with_what_was_typed(
    center: Center, city_staff: User, foundation_staff: User, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(center, "rent", by=foundation_staff)
    monkeypatch.setattr(actions, "used_years", lambda account: [])  # as if the portal had forgotten its rule
    client = log_in(city_staff)
    client.cookies["django_language"] = "en"
    page = reverse("finance:account", kwargs={"center": center.code, "account": "rent"})
    seen = client.get(page).context["form"]["seen"].value()
    typed = {
        "name": "賃料",
        "side": "revenue",
        "first_year": "H27",
        "purpose": "research_income",
        "seen": seen,
    }
    answer = client.post(page, typed)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "the database keeps it as it is" in told
    assert 'value="賃料"' in told
    assert account(center, "rent").name == "共同研究負担金"


def test_the_second_of_two_is_told(center: Center, city_staff: User) -> None:
    one = account(center, "rent")
    seen = fingerprint(actions.account_state(one))
    change(account(center, "rent"), city_staff, name="賃料")
    with pytest.raises(Conflict):
        actions.change_account(account=one, seen=seen, facts=as_is(one, name="家賃"), by=city_staff)


def test_staff_keep_accounts_on_their_pages(center: Center, log_in: LogIn, city_staff: User) -> None:
    client = log_in(city_staff)
    client.cookies["django_language"] = "en"
    at = {"center": center.code}
    typed = {
        "code": "grants",
        "name": "補助金",
        "side": "revenue",
        "first_year": "R5",
        "prints_subtotal": "on",
    }
    bad = client.post(reverse("finance:account_new", kwargs=at), typed | {"last_year": "R4"})
    assert bad.status_code == 400
    assert "補助金" in bad.content.decode()
    client.post(reverse("finance:account_new", kwargs=at), typed)
    listed = client.get(reverse("finance:accounts", kwargs=at)).content.decode()
    assert "補助金" in listed
    assert "from FY2023 on" in listed
    page = reverse("finance:account", kwargs=at | {"account": "grants"})
    seen = client.get(page).context["form"]["seen"].value()
    first = client.post(page, typed | {"seen": seen, "name": "助成金"})
    assert first.status_code == 302
    second = client.post(page, typed | {"seen": seen, "name": "給付金"})
    assert second.status_code == 409
    assert "Saved now: 助成金" in second.content.decode()
    assert Account.objects.get(code="grants").name == "助成金"
    assert "助成金" in client.get(page).content.decode().partition('id="history"')[2]
    master = client.get(reverse("agreements:master", kwargs=at)).content.decode()
    assert reverse("finance:accounts", kwargs=at) in master
