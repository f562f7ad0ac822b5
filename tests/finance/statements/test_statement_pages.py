"""The pages of statements: typed, saved, handed in, reviewed; bad input and two people on one draft."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from finance.balance.totals import EXPENDITURE
from finance.models import RecordedUnit, Stage, Statement
from finance.statements import actions, draft_actions
from iconm_portal.models import Center, ReviewState, Role, User
from tests.builders.agreements import a_pdf
from tests.builders.entry_pages import form_of
from tests.builders.finance import (
    USUAL,
    decided,
    entered,
    fill,
    make_account,
    make_accounts,
    make_statement,
    make_submitted,
    make_talk,
    settled,
)
from tests.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "accounts")]


@pytest.fixture
def accounts(center: Center) -> None:
    make_accounts(center)


@pytest.fixture
def mine(foundation_staff: User) -> Client:
    client = client_of(foundation_staff)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


@pytest.fixture
def draft(center: Center, foundation_staff: User) -> Statement:
    """Of FY2024, in 千円, with two amounts."""
    amounts = {"rent": 300_000, "research": 200_000}
    return make_statement(center, 2024, amounts, by=foundation_staff, unit=RecordedUnit.THOUSAND)


def address(statement: Statement, page: str = "") -> str:
    where = f"{statement.fiscal_year.start}/{statement.stage}/{statement.revision}"
    return f"/{statement.center.code}/finance/statements/{where}/{f'{page}/' if page else ''}"


def opened(client: Client, statement: Statement) -> dict[str, str]:
    return form_of(client.get(address(statement, "entry")), holds="rent-amount")


def send(client: Client, statement: Statement, page: dict[str, str], **typed: Any) -> HttpResponse:
    """What was opened, with this typed into it: `rent_amount` for rent-amount, `of_revenue` for its total."""
    names = {"of_expenditure": "of.expenditure-amount", "sum_running": "sum.running-amount"}
    data = page | {names.get(name, name.replace("_", "-")): text for name, text in typed.items()}
    return client.post(address(statement, "entry"), data)


def stored(statement: Statement) -> dict[str, int]:
    return dict(statement.lines.values_list("account__code", "amount"))


# -- Entering --


def test_amounts_are_typed_as_officials_write_them(mine: Client, draft: Statement) -> None:
    page = opened(mine, draft)
    assert page["rent-amount"] == "300"
    answer = send(
        mine, draft, page, rent_amount="１，２３４千円", other_amount="0", rent_note="値上げ", note="注"
    )
    assert answer.status_code == 302
    assert stored(draft) == {"rent": 1_234_000, "research": 200_000, "other": 0}
    draft.refresh_from_db()
    assert draft.note == "注"
    assert draft.lines.get(account__code="rent").note == "値上げ"
    # Emptied is not recorded, not zero.
    assert send(mine, draft, opened(mine, draft), rent_amount="").status_code == 200  # its note is left alone
    send(mine, draft, opened(mine, draft), rent_amount="", rent_note="")
    assert stored(draft) == {"research": 200_000, "other": 0}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("12.5", "Write a whole number"),
        ("-5", "must not be below 0"),
        ("12a", "is written in a"),
        ("1" + "0" * 15, "at most 15 digits"),
        ("9" * 15, "must not be above"),
        ("5円", "Write a whole number"),
        ("5人", "Convert it"),
    ],
)
def test_bad_amounts_stay_in_their_field_and_keep_nothing_else_from_being_saved(
    mine: Client, draft: Statement, typed: str, message: str
) -> None:
    answer = send(mine, draft, opened(mine, draft), rent_amount=typed, rent_note="新", other_amount="7")
    assert stored(draft) == {"rent": 300_000, "research": 200_000, "other": 7_000}
    answer = mine.get(answer["Location"])
    assert message in answer.content.decode()
    assert "1 entry was saved. 1 could not be read." in answer.content.decode()
    assert "What could not be read is not saved yet" in answer.content.decode()
    assert "What you typed is not saved yet" not in answer.content.decode()
    assert "Please correct 1 place." in answer.content.decode()
    assert "Not saved." not in answer.content.decode()
    again = form_of(answer, holds="rent-amount")
    assert (again["rent-amount"], again["rent-note"], again["other-amount"]) == (typed, "新", "7")
    assert draft.lines.get(account__code="rent").note == "", "a note is saved with its amount"


def test_an_amount_in_another_unit_is_shown_before_it_is_saved(mine: Client, draft: Statement) -> None:
    answer = send(mine, draft, opened(mine, draft), rent_amount="4.3億円")
    assert "is read as 430,000 千円" in answer.content.decode()
    assert stored(draft)["rent"] == 300_000
    again = form_of(answer, holds="rent-amount")
    assert again["rent-amount"] == "430,000"
    send(mine, draft, again)
    assert stored(draft)["rent"] == 430_000_000


def test_a_wrong_total_warns_a_draft_and_stops_the_handing_in(mine: Client, draft: Statement) -> None:
    typed = {"building_amount": "189,699", "support_amount": "221,227", "research_amount": "394,574"}
    typed |= {"sum_running": "410,926", "of_expenditure": "805,498"}
    assert send(mine, draft, opened(mine, draft), **typed).status_code == 302
    assert draft.totals.get(of="expenditure").amount == 805_498_000
    text = mine.get(address(draft, "entry")).content.decode()
    assert "2千円 apart, which rounding cannot explain" in text
    answer = send(mine, draft, opened(mine, draft), step="submit")
    assert "Not submitted and not saved" in answer.content.decode()
    assert "研究事業 394,574, 運営費 410,926" in answer.content.decode()
    # What rounding explains is handed in, and its page carries the note.
    answer = send(mine, draft, opened(mine, draft), of_expenditure="805,499", step="submit")
    assert answer.status_code == 302
    text = mine.get(address(draft)).content.decode()
    assert "computed 805,500 (▲1, from rounding)" in text
    assert "rounded to 千円 on its own" in text


def test_while_typing_the_page_says_what_it_would_say(mine: Client, draft: Statement) -> None:
    page = opened(mine, draft) | {"rent-amount": "x", "of.expenditure-amount": "1"}
    said = mine.post(address(draft, "check"), page).json()
    assert said["errors"]["rent-amount"]
    assert said["warnings"]["of.expenditure-amount"]
    assert stored(draft)["rent"] == 300_000


def test_nothing_is_said_of_a_total_whose_parts_cannot_be_read(mine: Client, draft: Statement) -> None:
    page = opened(mine, draft) | {"rent-amount": "x", "of.revenue-amount": "1", "of.expenditure-amount": "1"}
    warnings = mine.post(address(draft, "check"), page).json()["warnings"]
    assert "of.revenue-amount" not in warnings
    assert warnings["of.expenditure-amount"]


def test_a_statement_is_begun_once(mine: Client, center: Center, draft: Statement) -> None:
    where = f"/{center.code}/finance/statements/new/"
    typed = {"fiscal_year": "R5", "stage": "settlement", "unit": "thousand"}
    assert mine.post(where, typed).url.endswith("/2023/settlement/1/entry/")
    answer = mine.post(where, typed)
    assert answer.status_code == 400
    assert "being worked on already" in answer.content.decode()
    assert "has not ended yet" in mine.post(where, typed | {"fiscal_year": "R8"}).content.decode()


def test_files_are_attached_given_out_and_removed(
    mine: Client, draft: Statement, foundation_staff: User, city_staff: User
) -> None:
    content = draft_actions.Content(entered(draft.center, {"rent": 1_000}))
    what = {"statement": draft, "version": draft.version, "content": content, "at": draft.recorded_at}
    actions.save_draft(**what, by=foundation_staff, new_files=[a_pdf("決算書.pdf")])
    file = draft.files.get().file_id
    assert mine.get(address(draft, f"files/{file}")).status_code == 200
    assert client_of(city_staff).get(address(draft, f"files/{file}")).status_code == 404
    send(mine, draft, opened(mine, draft), remove=str(file))
    assert not draft.files.exists()


# -- Two people on one draft --


def test_the_second_save_sees_both_versions_and_loses_nothing(
    mine: Client, center: Center, draft: Statement
) -> None:
    sato = make_person("sato", center.operator, Role.STAFF, name="佐藤")
    page = opened(mine, draft)
    fill(draft, {"rent": 13_000, "research": 5_000}, by=sato)
    answer = send(mine, draft, page, rent_amount="12", other_amount="7", rent_note="メモ")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "佐藤" in text
    assert "13 千円" in text
    again = form_of(answer, holds="rent-amount")
    assert (again["rent-amount"], again["other-amount"], again["rent-note"]) == ("12", "7", "メモ")
    assert again["research-amount"] == "5"  # taken over: it had been left as it was
    assert again["rent-amount-choice"] == "mine"
    assert stored(draft) == {"rent": 13_000, "research": 5_000}
    mine.post(address(draft, "entry"), again | {"rent-amount-choice": "stored"})
    assert stored(draft) == {"rent": 13_000, "research": 5_000, "other": 7_000}


def test_what_was_typed_into_a_discarded_draft_is_shown(
    mine: Client, draft: Statement, foundation_staff: User
) -> None:
    page = opened(mine, draft)
    where = draft
    actions.discard(statement=draft, version=draft.version, by=foundation_staff)
    answer = send(mine, where, page, rent_amount="777")
    assert answer.status_code == 404
    assert "777" in answer.content.decode()


# -- Steps by their buttons --


def test_the_city_opens_returns_and_accepts(
    mine: Client, center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = make_submitted(center, 2024, by=foundation_staff)
    city = client_of(city_staff)
    assert city.post(address(made, "open"), {"version": made.version}).status_code == 302
    made.refresh_from_db()
    answer = city.post(address(made, "return"), {"version": made.version, "text": " "})
    assert answer.status_code == 409
    city.post(address(made, "return"), {"version": made.version, "text": "内訳は？"})
    made.refresh_from_db()
    assert made.state == ReviewState.RETURNED
    assert city.get(address(made)).status_code == 404
    assert "内訳は？" in mine.get(address(made, "entry")).content.decode()
    mine.post(address(made, "submit"), {"version": made.version})
    made.refresh_from_db()
    city.post(address(made, "open"), {"version": made.version})
    city.post(address(made, "accept"), {"version": made.version + 1})
    made.refresh_from_db()
    assert made.state == ReviewState.ACCEPTED
    assert city.post(address(made, "accept"), {"version": made.version}).status_code == 409


@pytest.mark.parametrize("stage", [Stage.SETTLEMENT, Stage.FORECAST])
def test_what_the_city_accepted_is_not_called_verified(
    center: Center, foundation_staff: User, city_staff: User, stage: Stage
) -> None:
    """Both verify the year's report and settlement in a way of its own (basic agreement, Art. 9); a forecast never."""
    made = settled(center, 2024, by=foundation_staff, reviewer=city_staff, stage=stage)
    for page in (address(made), "/lab/finance/statements/", "/lab/finance/2024/"):
        text = client_of(city_staff).get(page).content.decode()
        assert "受理" in text
        assert "検証済" not in text


def test_a_budget_is_decided_on_its_page(
    mine: Client, center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = make_submitted(center, 2026, by=foundation_staff, stage=Stage.BUDGET)
    where = address(made, "decide")
    refused = mine.post(where, {"version": made.version})
    assert refused.status_code == 400
    assert "Please correct the following." in refused.content.decode()
    assert "None is confirmed yet: record one" in refused.content.decode()
    talk = make_talk(center, by=foundation_staff, confirmer=city_staff)
    assert mine.post(where, {"version": made.version, "consultation": talk.number}).status_code == 302
    text = mine.get(address(made)).content.decode()
    assert "予算の協議" in text
    assert "These figures hold." in text
    assert address(made) in mine.get(f"/{center.code}/consultations/{talk.number}/").content.decode()
    assert client_of(city_staff).post(where, {"version": 1}).status_code == 403


def test_a_foreign_person_finds_nothing(
    center: Center, foundation_staff: User, foreign_foundation_staff: User, city_viewer: User
) -> None:
    made = make_submitted(center, 2024, by=foundation_staff)
    assert client_of(foreign_foundation_staff).get(address(made)).status_code == 404
    assert client_of(city_viewer).get(address(made)).status_code == 404


def test_a_settlement_stands_beside_the_year_before_and_the_budget(
    mine: Client, center: Center, foundation_staff: User, city_staff: User
) -> None:
    both = {"by": foundation_staff, "reviewer": city_staff}
    settled(center, 2023, USUAL | {"rent": 250_000}, **both)
    decided(center, 2024, USUAL | {"rent": 310_000}, **both)
    made = make_statement(center, 2024, by=foundation_staff)
    text = mine.get(address(made)).content.decode()
    for figure in ("250,000", "+50,000", "310,000", "▲10,000", "±0"):
        assert figure in text


# -- The list --


def test_the_list_shows_totals_as_they_are_printed(mine: Client, draft: Statement) -> None:
    where = f"/{draft.center.code}/finance/statements/"
    assert "300,000" in mine.get(where).content.decode()
    send(mine, draft, opened(mine, draft), **{"of.revenue-amount": "301"})
    text = mine.get(where).content.decode()
    assert "301,000" in text
    assert "300,000" not in text


def test_the_list_marks_the_one_budget_in_force(
    mine: Client, center: Center, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    both = {"by": foundation_staff, "reviewer": city_staff}
    decided(center, 2025, **both)
    decided(center, 2025, stage=Stage.SUPPLEMENTARY, **both)
    make_statement(center, 2024, by=foundation_staff)
    where = f"/{center.code}/finance/statements/"
    text = mine.get(where).content.decode()
    assert text.count("These figures hold.") == 1
    assert text.index("Supplementary budget statement no. 1") < text.index("These figures hold.")
    assert text.count("1,200,000") == 3
    assert "FY2024" in text
    viewer = client_of(city_viewer).get(where).content.decode()
    assert "令和7年度" in viewer
    assert "令和6年度" not in viewer
    narrowed = mine.get(where, {"stage": "settlement"}).content.decode()
    assert "Supplementary budget statement" not in narrowed
    assert "No statement is found" in mine.get(where, {"year": "1999"}).content.decode()
    assert "No statement is found" not in mine.get(where, {"year": "x"}).content.decode(), (
        "the field says why"
    )


# -- Queries --


def test_the_number_of_queries_does_not_grow(
    mine: Client,
    center: Center,
    foundation_staff: User,
    city_staff: User,
    django_assert_max_num_queries: Any,
) -> None:
    both = {"by": foundation_staff, "reviewer": city_staff}
    settled(center, 2024, printed={EXPENDITURE: 1_000_000}, **both)
    made = make_statement(center, 2025, by=foundation_staff)
    pages = [f"/{center.code}/finance/statements/", address(made), address(made, "entry")]

    def counted() -> list[int]:
        found = []
        for page in pages:
            with django_assert_max_num_queries(40) as queries:
                assert mine.get(page).status_code == 200
            found.append(len(queries))
        return found

    mine.get(pages[0])
    few = counted()
    extra = {make_account(center, code=f"more-{n}", name=f"収入{n}").code: n for n in range(8)}
    fill(made, USUAL | extra, by=foundation_staff)
    for year in (2022, 2023):
        settled(center, year, USUAL | extra, **both)
    decided(center, 2025, **both)
    assert counted() == few
