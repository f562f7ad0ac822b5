"""The year's entry sheet: what it shows, what it takes, what it refuses."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from iconm_portal.models import Center, HistoryEvent, ReviewState, Role, User
from kpi.models import Actual, Continuity, Plan, Report
from kpi.plans import labels
from kpi.plans.achievement import Certainty, Kind
from kpi.value_sources.entry_values import Entered
from tests.builders.entry_pages import address, form_of, opened, send, type_in
from tests.builders.plans import make_accepted_report, make_draft, make_indicator, make_plan
from tests.people import LogIn, client_of, end_session, make_person

FINAL = labels.CERTAINTY[Certainty.FINAL]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets={"trials": 13, "income": 347_000_000})


@pytest.fixture
def draft(plan: Plan, foundation_staff: User) -> Report:
    return make_draft(plan, 2023, {}, by=foundation_staff)


def stored(report: Report) -> dict[str, tuple[Decimal | None, bool, str, str]]:
    return {
        code: tuple(facts)
        for code, *facts in report.actuals.values_list(
            "indicator__code", "value", "not_applicable", "certainty", "note"
        )
    }


# Starting


def test_staff_start_the_report_of_a_year(log_in: LogIn, plan: Plan, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    page = client.get("/lab/reports/")
    assert "令和6年3月31日" in page.content.decode()
    answer = client.post("/lab/reports/2023/research/start/", {"as_of": "R6.3.31"})
    report = Report.objects.get()
    assert answer["Location"] == address(report, "entry")
    assert (report.fiscal_year.start, report.as_of) == (2023, date(2024, 3, 31))


@pytest.mark.parametrize("as_of", ["2024-06-04", "2023-03-31", "いつか"])
def test_a_report_is_not_started_as_of_a_wrong_day(
    log_in: LogIn, plan: Plan, foundation_staff: User, as_of: str
) -> None:
    answer = log_in(foundation_staff).post("/lab/reports/2023/research/start/", {"as_of": as_of})
    assert answer.status_code == 400
    assert as_of in answer.content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize("year", [2021, 2025, 2026])
def test_years_outside_the_plan_or_to_come_cannot_be_started(
    log_in: LogIn, plan: Plan, foundation_staff: User, year: int
) -> None:
    answer = log_in(foundation_staff).post(f"/lab/reports/{year}/research/start/", {"as_of": "2024-04-01"})
    assert answer.status_code == 404


def test_a_second_report_for_a_year_is_refused_while_one_is_open(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    answer = log_in(foundation_staff).post("/lab/reports/2023/research/start/", {"as_of": "2024-04-01"})
    assert answer.status_code == 400
    assert Report.objects.count() == 1


# What stands beside a field


def test_last_year_and_target_stand_beside_the_field(
    log_in: LogIn, plan: Plan, draft: Report, foundation_staff: User, city_staff: User
) -> None:
    make_accepted_report(
        plan, 2022, {"trials": 11, "income": 291_330_000}, by=foundation_staff, reviewer=city_staff
    )
    text = log_in(foundation_staff).get(address(draft, "entry")).content.decode()
    for words in ("11", "291,330", "347,000", f"R4 {FINAL}"):
        assert words in text


def test_the_earlier_plan_is_followed_where_an_indicator_continues_it(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    old = make_plan(center, code="old", years=(2020, 2021))
    new = make_plan(center, code="new", years=(2022, 2025), indicators=())
    for name, continuity in (("trials", Continuity.CONTINUES), ("patents", Continuity.BREAKS)):
        before = old.indicators.get(code=name)
        make_indicator(
            new,
            code=name,
            name=before.name,
            unit=before.unit,
            kind=Kind(before.kind),
            continuity=continuity,
            predecessor=before,
            continuity_reason="同じ",
        )
    make_accepted_report(old, 2021, {"trials": 11, "patents": 87}, by=foundation_staff, reviewer=city_staff)
    report = make_draft(new, 2022, {}, by=foundation_staff)
    # What a reader sees: the tags also hold random tokens, and those any two digits.
    text = strip_tags(log_in(foundation_staff).get(address(report, "entry")).content.decode())
    assert f"R3 {FINAL}" in text
    assert "87" not in text
    assert _("Definition changed: not comparable") in text


# Saving


def test_what_is_typed_is_saved(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    answer = type_in(
        client,
        draft,
        as_of="令和6年5月31日",
        trials_value="１２件",
        income_value="361,204",
        income_certainty="forecast",
        income_note="見込み\r\n2行目",
        occupancy_value="91.5",
    )
    assert answer["Location"] == address(draft, "entry")
    assert stored(draft) == {
        "trials": (12, False, Certainty.FINAL, ""),
        "income": (361_204_000, False, Certainty.FORECAST, "見込み\r\n2行目"),
        "occupancy": (Decimal("91.5"), False, Certainty.FINAL, ""),
    }
    draft.refresh_from_db()
    assert (draft.as_of, draft.saved_by) == (date(2024, 5, 31), foundation_staff)
    page = opened(client, draft)
    assert (page["trials-value"], page["income-value"], page["patents-value"]) == ("12", "361,204", "")


def test_blank_not_applicable_and_zero_are_three_things(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    type_in(client, draft, trials_value="0", patents_value="－", income_value="")
    assert stored(draft) == {
        "trials": (0, False, Certainty.FINAL, ""),
        "patents": (None, True, Certainty.FINAL, ""),
    }
    page = opened(client, draft)
    assert (page["trials-value"], page["patents-value"], page["income-value"]) == ("0", "-", "")
    type_in(client, draft, trials_value="", patents_value="")
    assert stored(draft) == {}


def test_saving_is_written_into_the_history(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    type_in(log_in(foundation_staff), draft, trials_value="12")
    event = HistoryEvent.objects.filter(action="report.save").first()
    assert event is not None
    assert event.after["trials"]["value"] == "12"
    assert set(event.after) == {"trials"}


def test_a_note_alone_is_kept(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    type_in(log_in(foundation_staff), draft, trials_note="集計中")
    assert stored(draft) == {"trials": (None, False, Certainty.FINAL, "集計中")}


# Refusals


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("income_value", "361,2O4", "O"),
        ("income_value", "361人", "人"),
        ("trials_value", "1.5", ""),
        ("occupancy_value", "91.55", "1"),
        ("trials_value", "1000000000000000", ""),
        ("income_value", "1,000,000,000", "999,999,999.999"),
        ("trials_value", "たくさん", "たくさん"),
        ("trials_certainty", "maybe", ""),
        ("as_of", "2024-06-04", ""),
        ("as_of", "2023-03-31", "令和5年4月1日"),
        ("as_of", "", ""),
    ],
)
def test_what_cannot_be_read_keeps_nothing_else_from_being_saved_and_stays_in_its_field(
    log_in: LogIn, draft: Report, foundation_staff: User, field: str, typed: str, said: str
) -> None:
    client = log_in(foundation_staff)
    answer = type_in(client, draft, **{"patents_value": "５", "patents_note": "メモ", field: typed})
    assert answer.status_code == 302
    assert stored(draft) == {"patents": (Decimal(5), False, "final", "メモ")}
    draft.refresh_from_db()
    assert (draft.version, draft.as_of) == (3, date(2024, 3, 31))
    answer = client.get(answer["Location"])
    text = answer.content.decode()
    assert "1件を保存しました。" in text
    assert "1件は読めませんでした。" in text
    name = field.replace("_", "-", 1) if field != "as_of" else field
    assert f'href="#id_{name}"' in text, "the summary links to the field"
    assert said in text
    page = form_of(answer, holds="as_of")
    assert (page["patents-value"], page["patents-note"], page["version"]) == ("5", "メモ", "3")
    if "certainty" not in field:
        assert page[name] == typed


def test_a_file_is_attached_though_a_cell_cannot_be_read(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    file = SimpleUploadedFile("a.csv", b"a,b\n")
    client = log_in(foundation_staff)
    type_in(client, draft, trials_value="x", trials_attach=[file])
    assert draft.evidence.get().file.name == "a.csv"
    page = client.get(address(draft, "entry")).content.decode()
    assert "a.csv" in page
    assert _("Choose the files again: a browser does not send them twice.") not in page


def test_where_nothing_else_was_typed_nothing_is_saved(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    answer = type_in(log_in(foundation_staff), draft, trials_value="たくさん")
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.version == 2


def test_a_value_that_cannot_be_read_lends_its_certainty_to_no_other(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    """What is stored stays as certain as it was."""
    client = log_in(foundation_staff)
    type_in(client, draft, trials_value="3", trials_certainty="forecast")
    type_in(client, draft, trials_value="3x", trials_certainty="final", patents_value="4")
    assert stored(draft)["trials"][2] == "forecast"
    page = form_of(client.get(address(draft, "entry")), holds="as_of")
    assert (page["trials-value"], page["trials-certainty"]) == ("3x", "final")
    # Put right, it is saved as it was chosen.
    client.post(address(draft, "entry"), page | {"trials-value": "3"})
    assert stored(draft)["trials"][2] == "final"
    assert "読めませんでした" not in client.get(address(draft, "entry")).content.decode()


def test_what_could_not_be_read_meets_what_a_colleague_saved_meanwhile(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    colleague = client_of(make_person("sato", draft.plan.center.operator, Role.STAFF))
    type_in(client, draft, trials_value="3x", patents_value="4")
    type_in(colleague, draft, trials_value="7", patents_value="8")
    answer = client.get(address(draft, "entry"))
    page = form_of(answer, holds="as_of")
    assert (page["trials-value"], page["patents-value"]) == ("3x", "8")
    assert "7" in answer.content.decode()
    assert stored(draft)["trials"][0] == 7


def test_the_same_sent_again_is_answered_as_before(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    sent = opened(client, draft) | {"trials-value": "3x", "patents-value": "4"}
    first, second = (client.post(address(draft, "entry"), sent) for _turn in range(2))
    assert (first["Location"], second["Location"]) == (address(draft, "entry"),) * 2
    draft.refresh_from_db()
    assert draft.version == 3
    assert form_of(client.get(first["Location"]), holds="as_of")["trials-value"] == "3x"


# Submitting


def test_saving_and_submitting_is_one_step(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    page = opened(client, draft)
    answer = client.post(
        address(draft, "entry"),
        page
        | {
            "trials-value": "12",
            "step": "submit",
            "decided_on": "R6.6.1",
            "decided_post": "事務局長",
        },
        follow=True,
    )
    draft.refresh_from_db()
    assert (draft.state, draft.submitted_by) == (ReviewState.SUBMITTED, foundation_staff)
    assert (draft.submission_decided_on, draft.submission_decided_post) == (date(2024, 6, 1), "事務局長")
    assert answer.redirect_chain[-1][0] == address(draft)
    assert "特許出願件数、研究費収入額、入居率" in answer.content.decode()


def test_an_empty_sheet_is_not_submitted(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    answer = client.post(
        address(draft, "entry"), opened(client, draft) | {"trials-note": "集計中", "step": "submit"}
    )
    draft.refresh_from_db()
    assert (draft.state, draft.version) == (ReviewState.DRAFT, 2)
    assert "集計中" in answer.content.decode()
    # The page goes on from what is stored, not from the save that was undone.
    assert form_of(answer, holds="as_of")["version"] == "2"


def test_nothing_is_submitted_while_something_is_refused(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    client.post(
        address(draft, "entry"),
        opened(client, draft) | {"trials-value": "12", "patents-value": "?", "step": "submit"},
    )
    draft.refresh_from_db()
    assert draft.state == ReviewState.DRAFT
    assert set(stored(draft)) == {"trials"}
    page = client.get(address(draft, "entry")).content.decode()
    assert "提出していません。" in page
    assert form_of(client.get(address(draft, "entry")), holds="as_of")["patents-value"] == "?"


# Access


def test_only_the_foundations_staff_may_enter(
    log_in: LogIn, draft: Report, city_staff: User, foundation_viewer: User, foreign_foundation_staff: User
) -> None:
    for person, status in ((city_staff, 403), (foundation_viewer, 403), (foreign_foundation_staff, 404)):
        assert log_in(person).get(address(draft, "entry")).status_code == status
        assert log_in(person).post(address(draft, "entry"), {}).status_code == status


def test_a_submitted_sheet_leads_to_the_report(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    report = make_accepted_report(plan, 2023, {"trials": 12}, by=foundation_staff, reviewer=city_staff)
    answer = log_in(foundation_staff).get(address(report, "entry"))
    assert answer["Location"] == address(report)


def test_get_writes_nothing(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    client.get(address(draft, "entry"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(address(draft, "entry"))
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []


# A session that ended while typing


def test_what_was_typed_survives_the_end_of_the_session(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    page = opened(client, draft)
    end_session(client)
    answer = send(client, draft, page, trials_value="12", trials_note="メモ")
    assert "/login/" in answer["Location"]
    client.force_login(foundation_staff)
    again = client.get(address(draft, "entry"))
    assert _("What you typed is not saved yet") in again.content.decode()
    kept = form_of(again, holds="as_of")
    assert (kept["trials-value"], kept["trials-note"]) == ("12", "メモ")
    assert stored(draft) == {}
    client.post(address(draft, "entry"), kept)
    assert stored(draft)["trials"][0] == 12
    assert _("What you typed is not saved yet") not in client.get(address(draft, "entry")).content.decode()


def test_kept_input_can_be_given_up(log_in: LogIn, draft: Report, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    page = opened(client, draft)
    end_session(client)
    send(client, draft, page, trials_value="12")
    client.force_login(foundation_staff)
    client.post(address(draft, "entry"), {"give_up": "1"})
    assert opened(client, draft)["trials-value"] == ""


def test_a_check_while_typing_does_not_replace_what_is_kept(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    page = opened(client, draft)
    end_session(client)
    send(client, draft, page, trials_value="12")
    client.post(address(draft, "check"), page, headers={"X-While-Typing": "1"})
    client.force_login(foundation_staff)
    assert opened(client, draft)["trials-value"] == "12"


# Scale


def test_the_number_of_queries_does_not_grow(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    client = log_in(foundation_staff)
    opening, saving = [], []
    for number in (8, 80, 800):
        plan = make_plan(center, code=f"p{number}", indicators=number)
        # Every fourth of them is a share.
        amounts = (index % 100 if index % 4 == 3 else index * 1000 for index in range(number))
        values = {f"i{at}": Entered(Decimal(amount), note="あ") for at, amount in enumerate(amounts)}
        make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff)
        report = make_draft(plan, 2023, values, by=foundation_staff)
        with CaptureQueriesContext(connection) as queries:
            page = opened(client, report)
        opening.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            client.post(address(report, "entry"), page | {"i0-value": "5", "i1-value": "", "i1-note": ""})
        saving.append(len(queries))
        assert Actual.objects.filter(report=report).count() == number - 1
    assert opening[0] == opening[1] == opening[2]
    assert saving[0] == saving[1]
    assert saving[2] <= saving[0] + 12, "rows are written in batches of what the database takes at once"
