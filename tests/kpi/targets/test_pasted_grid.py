"""Targets on one grid, and cells from a spreadsheet pasted into it: by place or by name, by column or by year."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import PlanProposal, Target, TargetProposal
from kpi.targets import next_plan_actions as actions
from kpi.targets import pasted_grid
from tests.browser import LogInWindow, fits
from tests.builders.agreements import make_consultation
from tests.builders.plans import PATENTS, TRIALS, make_accepted_report, make_plan
from tests.builders.proposals import complete_next_plan
from tests.days import AT
from tests.kpi.targets.test_first_plan import NEXT, filled
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
NAMES = {"trials": "治験の実施件数", "patents": "特許出願件数"}
YEARS = FiscalYear.range(FiscalYear(2026), FiscalYear(2029))


def as_text(block: pasted_grid.Block) -> dict[str, str]:
    return {f"{code}-{year.start}": text for (code, year), text in block.cells.items()}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1\t2\n3\t4", {"trials-2026": "1", "trials-2027": "2", "patents-2026": "3", "patents-2027": "4"}),
        ("1\t\t3\r\n\r\n", {"trials-2026": "1", "trials-2028": "3"}),
        (
            "特許出願件数\t5\t6\n治験の実施件数\t1\t2",
            {"patents-2026": "5", "patents-2027": "6", "trials-2026": "1", "trials-2027": "2"},
        ),
        (
            "成果指標\t単位\tR8\t令和9年度\n特許出願件数\t件\t5\t6件",
            {"patents-2026": "5", "patents-2027": "6件"},
        ),
        ("2027\t2028\n7\t8", {"trials-2027": "7", "trials-2028": "8"}),
        ("2026", {"trials-2026": "2026"}),
        ('"1,200"\t▲3', {"trials-2026": "1,200", "trials-2027": "▲3"}),
        ("\n \t\n", {}),
    ],
)
def test_a_block_finds_its_place(text: str, cells: dict[str, str]) -> None:
    block = pasted_grid.read(text, NAMES, YEARS)
    assert (as_text(block), block.problems) == (cells, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1\n2\n3", "3 lines"),
        ("1\t2\t3\t4\t5", "5 columns"),
        ("来館者数\t5\t6", "Line 1: the plan has no indicator “来館者数”"),
        ("特許出願件数\t5\n特許出願件数\t6", "Line 2: “特許出願件数” stands there twice"),
        ("R8\tR9\tR10\tR11\tR12\n1\t2\t3\t4\t5", "FY2030 is no year of this plan"),
    ],
)
def test_a_block_that_has_no_place_is_put_nowhere(text: str, problem: str) -> None:
    block = pasted_grid.read(text, NAMES, YEARS)
    assert not block.cells
    assert problem in " ".join(block.problems)


@pytest.fixture
def draft(center: Center, foundation_staff: User) -> PlanProposal:
    """The plan after one that ended with 15 trials aimed at."""
    plan = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 15})
    return actions.start(center=center, previous=plan, by=foundation_staff, at=AT)


def test_a_pasted_block_is_saved_as_a_whole(
    log_in: LogIn, draft: PlanProposal, foundation_staff: User
) -> None:
    client, here = log_in(foundation_staff), f"{NEXT}{draft.pk}/targets/"
    page = client.get(here).content.decode()
    assert "前の計画：R7の目標 15件" in page
    assert filled(client, here, paste="\tR8\tR9\n治験の実施件数\t16件\t1,018").url == f"{NEXT}{draft.pk}/"
    assert draft.lines.get(code="trials").targets == {"2026": "16", "2027": "1018"}
    assert draft.lines.get(code="patents").targets == {}
    event = HistoryEvent.objects.latest("pk")
    assert (event.action, event.after) == (
        "plan_proposal.save",
        {"trials": {"targets": "2026: 16, 2027: 1018"}},
    )


@pytest.mark.parametrize(
    ("paste", "fields"),
    [
        ("16\tたくさん\n1\t2", {"trials-2027"}),
        ("16\t17\n-1\t2.5", {"patents-2026", "patents-2027"}),
        ("16\t12", {"trials-2027"}),  # a cumulative falls
        ("16\n17\n18", {"paste"}),
    ],
)
def test_what_is_wrong_is_said_at_its_cell_and_nothing_is_saved(
    log_in: LogIn, draft: PlanProposal, foundation_staff: User, paste: str, fields: set[str]
) -> None:
    answer = filled(log_in(foundation_staff), f"{NEXT}{draft.pk}/targets/", paste=paste)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, fields)
    page = answer.content.decode()
    for cell in paste.split():
        assert cell in page
    draft.refresh_from_db()
    assert draft.version == 1
    assert not draft.lines.exclude(targets={}).exists()


def test_a_cell_is_emptied_and_a_second_saver_is_told(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 5})
    draft = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    client, here = log_in(foundation_staff), f"{NEXT}{draft.pk}/targets/"
    form = client.get(here).context["form"]
    held: dict[str, Any] = {field.name: field.value() for field in form if field.value() is not None}
    assert client.post(here, held | {"trials-2026": ""}).status_code == 302
    assert set(draft.lines.get().targets) == {"2027", "2028", "2029"}
    answer = client.post(here, held | {"paste": "3"})
    assert answer.status_code == 409
    assert set(draft.lines.get().targets) == {"2027", "2028", "2029"}


def test_the_targets_of_a_plan_take_a_block_too_and_ask_twice_for_an_accepted_year(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, indicators=[TRIALS, PATENTS], years=(2024, 2027), targets={"patents": 5})
    make_accepted_report(plan, 2025, {"patents": 5}, by=foundation_staff, reviewer=city_staff)
    talk = make_consultation(center, proposer=city_staff, confirmer=foundation_staff)
    client, here = log_in(city_staff), f"/lab/kpi/{plan.code}/targets/new/"
    typed = {"reason": "見直し", "consultation": talk.number, "paste": "特許出願件数\t\t7\t8"}
    answer = filled(client, here, **typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {"patents-2025"})
    assert 'value="8"' in answer.content.decode()
    assert not TargetProposal.objects.exists()
    assert filled(client, here, may_move="on", **typed).status_code == 302
    made = TargetProposal.objects.get()
    assert {(line.fiscal_year.start, line.value) for line in made.lines.all()} == {
        (2025, Decimal(7)),
        (2026, Decimal(8)),
    }
    page = client.get(f"/lab/kpi/{plan.code}/targets/{made.pk}/").content.decode()
    assert "「目標変更あり」と表示されます" in page
    assert client.get(f"/lab/kpi/{plan.code}/targets/{made.pk}/edit/").context["form"]["may_move"].value()
    assert not Target.objects.filter(revision=2).exists()


def test_the_queries_of_the_grids_do_not_grow(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    client, numbers = log_in(foundation_staff), []
    client.get("/lab/kpi/")
    for number in (2, 30):
        plan = make_plan(center, indicators=number, code=f"p{number}")
        made = actions.start(center=center, previous=plan, by=foundation_staff, at=AT)
        for address in (f"{NEXT}{made.pk}/targets/", f"/lab/kpi/p{number}/targets/new/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            numbers.append(len(queries))
        actions.discard(proposal=made, version=made.version, by=foundation_staff)
    assert numbers[:2] == numbers[2:]


PASTE = """(text) => {
  const field = document.querySelector("[data-grid] input"), data = new DataTransfer();
  data.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.mark.django_db(transaction=True)
def test_a_block_is_pasted_into_the_first_cell(
    window: LogInWindow, center: Center, foundation_staff: User
) -> None:
    plan = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 15})
    draft = actions.start(center=center, previous=plan, by=foundation_staff, at=AT)
    page = window(foundation_staff.username)
    page.goto(f"{NEXT}{draft.pk}/targets/")
    page.evaluate(PASTE, "16\t17\n3\t4\n")
    assert page.locator("#id_trials-2027").input_value() == "17"
    assert page.locator("#id_patents-2026").input_value() == "3"
    page.evaluate(PASTE, "特許出願件数\t3\t4\t5\t6\t7")
    assert page.locator("[data-paste]").input_value().startswith("特許出願件数")
    assert fits(page, page.locator("h1").inner_text())
    for address in ("", "edit/", "indicators/trials/", "indicators/new/"):
        page.goto(f"{NEXT}{draft.pk}/{address}")
        assert fits(page, page.locator("h1").inner_text())
