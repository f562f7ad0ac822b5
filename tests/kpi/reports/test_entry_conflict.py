"""Two people on one draft: the second save is told, sees both versions field by field, and loses nothing."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import gettext as _

from iconm_portal.forms import merging
from iconm_portal.forms.merging import Difference
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, Role, User
from kpi.models import Report
from kpi.reports import actions
from kpi.value_sources.entry_values import Entered
from tests.builders.entry_pages import address, form_of, opened, send, type_in
from tests.builders.plans import make_draft, make_plan
from tests.people import client_of, end_session, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]


@pytest.fixture
def early_june() -> object:
    with time_machine.travel("2024-06-03 14:02+09:00", tick=False):
        yield


@pytest.fixture
def draft(center: Center, foundation_staff: User) -> Report:
    values = {"trials": 11, "patents": 8}
    return make_draft(make_plan(center), 2023, values, by=foundation_staff)


@pytest.fixture
def mine(foundation_staff: User) -> Client:
    return client_of(foundation_staff)


@pytest.fixture
def theirs(center: Center) -> Client:
    return client_of(make_person("sato", center.operator, Role.STAFF, name="佐藤"))


def stored(report: Report) -> dict[str, tuple[object, str]]:
    return {
        code: (value, note)
        for code, value, note in report.actuals.values_list("indicator__code", "value", "note")
    }


def test_the_second_save_is_told_who_was_faster(mine: Client, theirs: Client, draft: Report) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13")
    answer = send(mine, draft, page, trials_value="12", trials_note="メモ")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "佐藤" in text
    assert "14:02" in text
    assert stored(draft)["trials"] == (13, "")


def test_what_both_changed_is_shown_side_by_side_and_nothing_typed_is_lost(
    mine: Client, theirs: Client, draft: Report
) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13", trials_note="佐藤のメモ", as_of="2024-05-30")
    answer = send(
        mine, draft, page, trials_value="12", trials_note="私のメモ", income_value="5", as_of="2024-05-31"
    )
    again = form_of(answer, holds="as_of")
    assert (again["trials-value"], again["trials-note"]) == ("12", "私のメモ")
    assert (again["income-value"], again["as_of"]) == ("5", "2024-05-31")
    text = answer.content.decode()
    assert "13 件" in text
    assert "佐藤のメモ" in text
    assert "令和6年5月30日" in text
    assert again["trials-value-choice"] == again["as_of-choice"] == "mine"
    assert "patents-value-choice" not in again


def test_saving_again_keeps_mine_knowingly(mine: Client, theirs: Client, draft: Report) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13")
    again = form_of(send(mine, draft, page, trials_value="12"), holds="as_of")
    assert mine.post(address(draft, "entry"), again).status_code == 302
    assert stored(draft)["trials"] == (12, "")


def test_the_stored_value_can_be_chosen_field_by_field(mine: Client, theirs: Client, draft: Report) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13", trials_note="佐藤のメモ", as_of="2024-05-30")
    answer = send(mine, draft, page, trials_value="12", trials_note="私のメモ", as_of="2024-05-31")
    again = form_of(answer, holds="as_of")
    mine.post(address(draft, "entry"), again | {"trials-value-choice": "stored", "as_of-choice": "stored"})
    assert stored(draft)["trials"] == (13, "私のメモ")
    draft.refresh_from_db()
    assert draft.as_of == date(2024, 5, 30)


def test_what_only_the_other_changed_is_taken_over_and_said(
    mine: Client, theirs: Client, draft: Report
) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, patents_value="9")
    answer = send(mine, draft, page, trials_value="12")
    again = form_of(answer, holds="as_of")
    assert (again["trials-value"], again["patents-value"]) == ("12", "9")
    assert "9 件" in answer.content.decode()
    mine.post(address(draft, "entry"), again)
    assert stored(draft) == {"trials": (12, ""), "patents": (9, "")}


def test_a_conflict_is_no_conflict_where_both_wrote_the_same(
    mine: Client, theirs: Client, draft: Report
) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, income_value="1,000", income_note="同じ")
    answer = send(mine, draft, page, income_value="１０００", income_note="同じ")
    assert answer.status_code == 409
    assert "income-value-choice" not in form_of(answer, holds="as_of")


def test_a_third_save_in_between_is_noticed_again(mine: Client, theirs: Client, draft: Report) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13")
    again = form_of(send(mine, draft, page, trials_value="12"), holds="as_of")
    type_in(theirs, draft, trials_value="14")
    answer = mine.post(address(draft, "entry"), again)
    assert answer.status_code == 409
    assert "14 件" in answer.content.decode()
    assert form_of(answer, holds="as_of")["trials-value"] == "12"


def test_refusals_are_shown_beside_the_conflict(mine: Client, theirs: Client, draft: Report) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13")
    answer = send(mine, draft, page, trials_value="1２O")
    assert 'href="#id_trials-value"' in answer.content.decode()
    assert form_of(answer, holds="as_of")["trials-value"] == "1２O"


def test_the_losers_files_have_to_be_chosen_again(mine: Client, theirs: Client, draft: Report) -> None:
    page = opened(mine, draft)
    type_in(theirs, draft, trials_value="13", trials_attach=[SimpleUploadedFile("theirs.csv", b"a\n")])
    answer = send(
        mine, draft, page, trials_value="12", trials_attach=[SimpleUploadedFile("mine.csv", b"b\n")]
    )
    text = answer.content.decode()
    assert _("Choose the files again: a browser does not send them twice.") in text
    assert "theirs.csv" in text
    assert list(draft.evidence.values_list("file__name", flat=True)) == ["theirs.csv"]


def test_a_sheet_without_a_version_never_wins(mine: Client, draft: Report) -> None:
    page = opened(mine, draft)
    for version in ("", "x", "99999999999999999999", "1"):
        answer = send(mine, draft, page | {"version": version}, trials_value="12")
        assert answer.status_code == 409
    assert stored(draft)["trials"] == (11, "")


def test_what_is_typed_survives_a_submission_by_the_other(
    mine: Client, theirs: Client, draft: Report
) -> None:
    page = opened(mine, draft)
    theirs.post(address(draft, "submit"), {"version": page["version"]})
    answer = send(mine, draft, page, trials_value="12")
    assert answer.status_code == 409
    assert form_of(answer, holds="as_of")["trials-value"] == "12"
    draft.refresh_from_db()
    theirs.post(address(draft, "take-back"), {"version": draft.version})
    again = form_of(send(mine, draft, form_of(answer, holds="as_of")), holds="as_of")
    mine.post(address(draft, "entry"), again)
    assert stored(draft)["trials"] == (12, "")


def test_what_is_typed_into_a_discarded_draft_can_be_copied(
    mine: Client, theirs: Client, draft: Report
) -> None:
    page = opened(mine, draft)
    theirs.post(address(draft, "discard"), {"version": page["version"]})
    answer = send(mine, draft, page, trials_value="4711", trials_note="長いメモ")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "4711" in text
    assert "長いメモ" in text


def test_kept_input_is_brought_up_to_what_was_saved_meanwhile(
    mine: Client, theirs: Client, draft: Report, foundation_staff: User
) -> None:
    page = opened(mine, draft)
    end_session(mine)
    send(mine, draft, page, trials_value="12")
    type_in(theirs, draft, trials_value="13", patents_value="9")
    mine.force_login(foundation_staff)
    answer = mine.get(address(draft, "entry"))
    again = form_of(answer, holds="as_of")
    assert (again["trials-value"], again["patents-value"]) == ("12", "9")
    assert "13 件" in answer.content.decode()
    mine.post(address(draft, "entry"), again)
    assert stored(draft) == {"trials": (12, ""), "patents": (9, "")}


def test_the_action_itself_refuses_a_stale_version(draft: Report, foundation_staff: User) -> None:
    trials = draft.plan.indicators.get(code="trials")
    with pytest.raises(Conflict):
        actions.save_draft(
            report=Report.objects.get(pk=draft.pk),
            version=draft.version - 1,
            as_of=draft.as_of,
            entered={trials: Entered(note="x")},
            by=foundation_staff,
            at=draft.saved_at or draft.recorded_at,
        )
    assert stored(draft)["trials"] == (11, "")


# The rule itself


@pytest.mark.parametrize(
    ("seen", "typed", "now", "field", "difference"),
    [
        ("1", "1", "1", "1", None),
        ("1", "2", "1", "2", None),  # only mine
        ("1", "1", "3", "3", Difference("1", "3", is_taken_over=True)),  # only theirs
        ("1", "2", "3", "2", Difference("2", "3", is_taken_over=False)),  # both
        ("1", "3", "3", "3", None),  # both the same
        (
            "1,000",
            "１０００",
            "1",
            "1",
            Difference("１０００", "1", is_taken_over=True),
        ),  # untouched in effect
        ("", "", "5", "5", Difference("", "5", is_taken_over=True)),
        ("5", "", "6", "", Difference("", "6", is_taken_over=False)),  # I emptied it
        ("a\nb", "a\r\nb", "a\nb", "a\r\nb", None),
    ],
)
def test_three_states_are_compared(
    seen: str, typed: str, now: str, field: str, difference: Difference | None
) -> None:
    fields, differences = merging.merge(seen={"n": seen}, typed={"n": typed}, now={"n": now})
    assert merging.is_same(fields["n"], field)
    assert differences.get("n") == difference


def test_without_knowing_what_was_seen_nothing_is_taken_over() -> None:
    fields, differences = merging.merge(seen={}, typed={"n": "1"}, now={"n": "2"})
    assert fields == {"n": "1"}
    assert differences == {"n": Difference("1", "2", is_taken_over=False)}
