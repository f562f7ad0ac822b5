"""Every form there is, sent twice at once over HTTP: it does once what it says, and both answers are the same.

A new address that takes a form is raced by itself as far as a stranger can fill it in; otherwise it is named below. The
control sends the same from two freshly loaded pages: what one makes is made twice then, or the second is refused.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from iconm_portal.forms.unsent_input import FORM_KEY, TOKEN
from iconm_portal.imports import importing
from iconm_portal.models import Answer as StandsAsItIs
from iconm_portal.models import AuditEvent, Center, HistoryEvent, Job, OpenSession, TableImport, User
from iconm_portal.models import Sending as Kept
from iconm_portal.people.access import Right
from iconm_portal.settlement import answers
from iconm_portal.settlement.step_views import VIEWS, StepViews
from iconm_portal.settlement.steps import Step
from iconm_portal.values import clock
from kpi.models import Initiative, InitiativeCategory, OfficialTextLine, OfficialTextProposal, PlanProposal
from kpi.targets import next_plan_actions
from tests.builders.editions import TEXT
from tests.builders.races import Answer, Sending, at_once
from tests.builders.second_factor import with_app
from tests.builders.sent_forms import SeenForm, form_to, posted_forms
from tests.builders.set_up import filled
from tests.builders.uploads import download
from tests.iconm_portal.settlement import test_settlement_tables as tables
from tests.iconm_portal.settlement.test_settlement_tables import PEOPLE, Case, Cast
from tests.loaded import all_rows, our_models, put_back
from tests.people import client_of
from tests.repository.test_access import COLUMNS, DOMAIN, PAGES, World, make_world
from tests.repository.test_repository import ROOT
from tests.unguarded import no_guards

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("autumn")]

FORM = re.compile(r"<form\b[^>]*?method=\"post\".*?</form>", re.DOTALL)
TOKEN_TAG = "{% csrf_token %}"
STARTS = "agreements/duties/_start.html"
SENT_AGAIN = "503.html"
"""Its fields are those of the form that was sent, the token and the key among them (`iconm_portal/site/faults.py`)."""


def test_every_form_that_is_posted_carries_the_token_and_with_it_a_key() -> None:
    templates = {path: path.read_text() for path in (ROOT / "templates").rglob("*.html")}
    del templates[ROOT / "templates" / SENT_AGAIN]
    forms = [(path, form) for path, text in templates.items() for form in FORM.findall(text)]
    assert len(forms) > 80
    without = [path for path, form in forms if TOKEN_TAG not in form and f'include "{STARTS}"' not in form]
    assert without == []
    assert TOKEN_TAG in templates[ROOT / "templates" / STARTS]
    by_hand = ("csrf_input", TOKEN, "csrf_token }}")
    assert [path for path, text in templates.items() if any(word in text for word in by_hand)] == []


# --- steps ----------------------------------------------------------------------------------------


@pytest.fixture
def cast(center: Center, request: pytest.FixtureRequest) -> Cast:
    return Cast(center, {name: request.getfixturevalue(name) for name in PEOPLE})


# One mechanism carries them all: every fourth here, the others in the long proof.
STEPS_RACED = [
    pytest.param(*one.values, id=one.id, marks=[pytest.mark.verify] if number % 4 else [])
    for number, one in enumerate(tables.addresses())
]


@pytest.mark.parametrize(("views", "case", "step"), STEPS_RACED)
def test_every_step(live_server: LiveServer, cast: Cast, views: StepViews, case: Case, step: Step) -> None:
    item = case.make(cast)
    if step.applies is not None and not step.applies(item):
        pytest.skip("there is no such step with this thing")
    state = next(state for state in case.ways if state in step.states(item))
    item = tables.brought_to(case, state, cast, item)
    parts = {"center": cast.center.code, **case.at(item)}
    page, address = (reverse(name, kwargs=parts) for name in (views.page, views.address(step)))
    client = client_of(tables.taker(step, item, cast))
    hidden = posted_forms(client.get(page))[-1].fields
    sent = tables.USUAL | (case.sent[step.name](item, cast) if step.name in case.sent else {})
    sent |= {name: hidden[name] for name in (TOKEN, FORM_KEY)} | {"version": item.version}
    before = actions_so_far()
    first, second = at_once(live_server, [Sending.of(client, address, sent)] * 2)
    assert (first.status, second.status, first.location) == (302, 302, second.location), first.body
    done = actions_so_far()[len(before) :]
    assert done.count(f"{case.table.code}.{step.word(item)}") == (0 if step.recorded is None else 1)
    assert Kept.objects.count() == 1


def actions_so_far() -> list[str]:
    return list(HistoryEvent.objects.order_by("pk").values_list("action", flat=True))


# --- every other form -----------------------------------------------------------------------------

LEDGER = "日付,科目コード,科目名,金額,相手方,摘要,証憑番号\nR7.6.1,kept,,1200,,6月分,\n".encode()


@dataclass(frozen=True)
class Sent:
    """How a form is sent where a stranger does not guess it.

    `page`: the address that shows the form, where its own leads elsewhere. `first`: what is sent before, so that there
    is such a form. `comes_to_the_same`: sent from two pages it changes no more than from one, so that no control tells.
    """

    typed: dict[str, Any] = field(default_factory=dict)
    page: str = ""
    query: str = ""
    at: dict[str, Any] = field(default_factory=dict)
    first: Callable[[World], object] = lambda world: None
    comes_to_the_same: bool = False


def _take_back_the_answer(world: World) -> None:
    answer = StandsAsItIs.objects.get()
    answers.STEPS.action("take_back")(
        answer=answer, version=answer.version, by=world.people["foundation_staff"]
    )


def _discard_the_next_plan(world: World) -> None:
    for made in PlanProposal.objects.filter(state="draft"):
        next_plan_actions.STEPS.action("discard")(
            proposal=made, version=made.version, by=world.people["city_staff"]
        )


def _tell_nothing(world: World) -> None:
    """As if no official text of an activity had been confirmed."""
    with no_guards():
        OfficialTextLine.objects.filter(initiative__isnull=False).delete()
        OfficialTextProposal.objects.filter(scheme__isnull=False).delete()


def _leave_no_activities(world: World) -> None:
    _tell_nothing(world)
    Initiative.objects.all().delete()


def _leave_no_headings(world: World) -> None:
    _leave_no_activities(world)
    InitiativeCategory.objects.all().delete()


def _apply_the_imports(world: World) -> None:
    for table in TableImport.objects.filter(center=world.center).select_related("center"):
        importing.apply(table=table, by=world.people["foundation_staff"], at=clock.now())


def _sheet(world: World) -> tuple[str, bytes]:
    """The sheet of the draft, as it is given out to be filled in."""
    return "sheet.xlsx", download(client_of(world.people["foundation_staff"]), world.draft)


def _set_up(world: World) -> tuple[str, bytes]:
    """A set-up workbook that adds something."""
    return "set-up.xlsx", filled(world.center, "third")


SAME = Sent(comes_to_the_same=True)
RECORD = Sent(
    {"title": "起業", "happened": "2026-06-01", "latest": ""}
    | dict.fromkeys(("quantity", "people", "satisfaction", "became", "is_period_total", "is_level"), "")
)
SENT = {
    "person_new": Sent({"role": "auditor"}),
    "person_another": Sent({"role": "auditor"}),
    "organisation": SAME,
    "organisation_person_new": Sent({"role": "auditor"}),
    "center": Sent({"opens_on": "", "closes_on": ""}, comes_to_the_same=True),
    "center_new": Sent(
        {
            "supporter": lambda world: str(world.center.supporter_id),
            "operator": lambda world: str(world.center.operator_id),
            "opens_on": "",
            "closes_on": "",
        }
    ),
    "person": SAME,
    "person_deactivate": SAME,
    "person_reactivate": Sent(
        first=lambda world: User.objects.filter(pk=world.people["city_viewer"].pk).update(is_active=False),
        comes_to_the_same=True,
    ),
    "person_reset_second_factor": Sent(
        page="person", first=lambda world: with_app(world.people["city_viewer"]), comes_to_the_same=True
    ),
    "recovery_codes": Sent(
        first=lambda world: [with_app(person) for person in world.people.values()], comes_to_the_same=True
    ),
    "auditors_dismiss": SAME,
    "job_again": Sent(
        page="job", first=lambda world: Job.objects.update(state="failed"), comes_to_the_same=True
    ),
    "standing:propose": Sent(query="?kind=agreements.verification&key=kpi/2022", first=_take_back_the_answer),
    **dict.fromkeys(
        ("kpi:plan_proposal_targets", "kpi:target_proposal_new", "kpi:target_proposal_edit"),
        Sent({"paste": "", "may_move": "on"}),
    ),
    **dict.fromkeys(("kpi:scheme", "kpi:group"), Sent(first=_tell_nothing)),
    "kpi:activity": Sent(first=_tell_nothing, comes_to_the_same=True),
    "kpi:scheme_remove": Sent(page="kpi:scheme", first=_leave_no_headings, comes_to_the_same=True),
    "kpi:group_remove": Sent(page="kpi:group", first=_leave_no_activities, comes_to_the_same=True),
    "kpi:activity_remove": Sent(page="kpi:activity", first=_tell_nothing, comes_to_the_same=True),
    "kpi:next_plan_start": Sent(first=_discard_the_next_plan),
    "kpi:report_start": Sent({"as_of": "2025-09-30"}),
    "kpi:report_upload": Sent({"file": _sheet}),
    "kpi:set_ups": Sent({"document": "移行資料", "document_on": "R8.4.1", "file": _set_up}),
    "kpi:set_up_export": Sent(page="kpi:set_ups"),
    "kpi:record_new": RECORD,
    "kpi:record_edit": RECORD,
    "kpi:record_imports": Sent({"file": ("table.csv", b"a,b\n1,2\n")}),
    "kpi:record_import_apply": Sent(page="kpi:record_import"),
    "kpi:record_import_discard": Sent(page="kpi:record_import"),
    "kpi:record_import_undo": Sent(first=_apply_the_imports, comes_to_the_same=True),
    "kpi:basis": SAME,
    "kpi:category": SAME,
    "finance:statement_new": Sent({"fiscal_year": "2027"}),
    "finance:entry_correct": Sent({"amount": "900"}),
    "finance:account_new": Sent(
        {"first_year": "2026"} | dict.fromkeys(("parent", "within", "purpose", "measure"), "")
    ),
    "finance:account": Sent(
        dict.fromkeys(("parent", "within", "purpose", "measure"), ""), comes_to_the_same=True
    ),
    "finance:import_entries": Sent({"file": ("ledger.csv", LEDGER)}),
    "finance:import_statement": Sent({"year": "2027", "stage": "budget", "file": ("table.csv", LEDGER)}),
    "finance:import_apply": Sent(page="finance:import"),
    "finance:import_discard": Sent(page="finance:import"),
    "finance:import_undo": Sent(first=_apply_the_imports, comes_to_the_same=True),
    "agreements:ending": Sent({"ends_on": "2027-03-31"}),
    "agreements:annual_new": Sent(at={"agreement": "support"}),
    "agreements:amendment_start": Sent({"in_force_from": "2028-04-01"}, at={"agreement": "worded"}),
    "agreements:edition_import": Sent(
        {"step": "save", "text": TEXT, "name": "a.txt", "version": "2", "accept": "on"}
    ),
    "agreements:calendar_store": SAME,
    "agreements:calendar_issue": SAME,
    "agreements:calendar_revoke": SAME,
    "agreements:master_list_new": Sent({"since": "", "until": "", "position": ""}),
    "agreements:master_measure_new": Sent({"first_year": "2026", "last_year": "2028"}),
    "agreements:master_summary_remove": Sent(page="agreements:master_summary"),
    "agreements:master_obligation": SAME,
    "agreements:master_obligation_new": Sent(dict.fromkeys(("due_on", "deed", "documents"), "")),
    "agreements:duty_ask": Sent({"due_on": "2027-03-31"}),
    "kpi:data_workbook": Sent(page="kpi:data"),
    "kpi:data_switch": Sent(page="kpi:data"),
    "kpi:pack_freeze": Sent(page="kpi:pack"),
    "kpi:pack_discard": Sent(page="kpi:pack"),
}
NOTHING_IS_MADE = {
    "login": "makes a session",
    "logout": "ends one",
    "second_step": "makes a session",
    "confirm": "of whoever knows the password",
    "own_sessions": "ends sessions",
    "own_session_end": "ends a session",
    "password_change": "of whoever knows the password",
    "password_reset": "nobody is logged in",
    "password_reset_confirm": "nobody is logged in",
    "set_language": "sets a cookie",
    "kpi:report_check": "only looks, while somebody types",
    "finance:statement_check": "only looks, while somebody types",
}
ELSEWHERE = {
    "reset_confirm": "answered once: test_resets_of_the_other_side",
    "reset_decline": "likewise",
    "organisation_delete": "only while nothing rests on it: test_centers",
    "center_delete": "likewise",
    "second_factor_app": "one app a person: test_own_second_factor",
    "passkey_new": "each question is answered once: test_passkeys",
    "passkey_remove": "removed twice, it is removed once: test_passkeys",
    "second_factor_app_remove": "removed twice, it is removed once: test_own_second_factor",
    "agreements:annual_change": "with the version that was seen, of what was taken back",
    "agreements:consultation_edit": "likewise",
    "agreements:notice_withdraw": "of what stands: withdrawn twice, it is refused",
    "agreements:provision_remove": "with the version that was seen: test_discarded_meanwhile",
    "agreements:edition_leave_the_rest": "with the version that was seen",
    "agreements:edition_propose": "a step, with a page of its own",
    "agreements:verification_anew": "one revision at a time: test_verified_anew",
    "agreements:master_agreement": "only before it is concluded: test_two_at_once",
    "agreements:master_agreement_delete": "only a draft, and gone it is not there a second time: test_deletions",
    "agreements:master_obligation_delete": "likewise",
    "agreements:master_measure_delete": "likewise",
    "agreements:master_list_row": "only what people entered: test_two_at_once",
    "agreements:master_list_delete": "only what people entered, and gone it is not there a second time: test_master_lists",
    "agreements:duty_store": "the whole year is stored by agreements:calendar_store",
    "kpi:report_upload_apply": "with the version that was seen: test_entry_upload",
    "kpi:plan_proposal_remove": "with the version that was seen",
    "kpi:plan_proposal_edit": "with the version that was seen: test_two_at_once",
    "kpi:evaluation_save_judgement": "likewise",
    "kpi:evaluation_submit": "saves and hands in, with the version that was seen",
    "agreements:verification_submit": "likewise",
    "kpi:evaluation_judge": "a step of the table, as it is handed in",
}
LEAVES_NO_HISTORY = {
    "finance:import_entries": "read and shown; its row says who uploaded it, and applying is recorded",
    "finance:import_statement": "likewise",
    "kpi:record_imports": "likewise",
    "kpi:set_up_export": "work under way, as the next",
    "kpi:data_workbook": "work under way, and the file that it makes for whoever began it",
}
STEPS = {views.address(step) for views in VIEWS for step in views.steps}
FORMS = [
    name
    for name, pages in PAGES.items()
    if "POST" in pages[0].methods and name not in NOTHING_IS_MADE | ELSEWHERE and name not in STEPS
]


def test_what_is_raced_elsewhere_is_still_there() -> None:
    assert set(SENT) <= set(FORMS)
    assert (NOTHING_IS_MADE | ELSEWHERE).keys() <= PAGES.keys()


_kept: list[Any] = []


@pytest.fixture
def world() -> World:
    """Made once, and put back as it was."""
    if not _kept:
        _kept.append(make_world("own"))
        _kept.append(all_rows())
    else:
        put_back(_kept[1])
    made: World = _kept[0]
    return made


def opened(world: World, name: str, parts: dict[str, Any]) -> tuple[Client, str, SeenForm]:
    """The form as somebody who may send it has it before them."""
    how, page = SENT.get(name, Sent()), PAGES[name][0]
    address = reverse(name, kwargs=parts)
    shows = (reverse(how.page, kwargs=parts) if how.page else address) + how.query
    said = LookupError(name)
    for column in COLUMNS:
        if not isinstance(page.right, Right) or DOMAIN[page.right][COLUMNS.index(column)] == "✔":
            client = client_of(world.people[column])
            answer = client.get(shows, follow=True)
            try:
                return client, address, form_to(answer, address)
            except LookupError as nothing:
                said = nothing
                if how.page and (others := posted_forms(answer)):  # a button of a form for something else
                    return client, address, others[-1]
    raise said


def sending(world: World, name: str, parts: dict[str, Any]) -> Sending:
    client, address, form = opened(world, name, parts)
    how = SENT.get(name, Sent())
    assert form.fields[FORM_KEY]
    files = {file: ("a.txt", b"abc") for file, kind in form.kinds.items() if kind == "file"}
    typed = {name: text(world) if callable(text) else text for name, text in how.typed.items()}
    data = form.filled(**(files | typed))
    return Sending.of(
        client,
        address + how.query,
        {name: SimpleUploadedFile(*text) if isinstance(text, tuple) else text for name, text in data.items()},
    )


def said(answer: Answer) -> list[str]:
    """What a page that refuses says."""
    return re.findall(
        r'errorlist[^>]*>\s*<li>([^<]+)|class="[^"]*error[^"]*"[^>]*>\s*([^<\s][^<]+)', answer.body
    )


def rows() -> Counter[str]:
    """How many there are of everything but of what a login leaves."""
    counted = [model for model in our_models() if model not in (Kept, AuditEvent, OpenSession)]
    return Counter({model.__name__: model._default_manager.count() for model in counted})


@pytest.mark.parametrize("name", FORMS)
def test_every_form(live_server: LiveServer, world: World, name: str) -> None:
    how = SENT.get(name, Sent())
    how.first(world)
    before, parts = rows(), PAGES[name][0].arguments(world) | how.at
    once = sending(world, name, parts)
    answers = at_once(live_server, [once, once])
    first, second = answers
    made = rows() - before
    assert first.status in (200, 302), said(first)
    assert (first.status, first.location) == (second.status, second.location), said(second)
    assert Kept.objects.count() == 1 or not made
    assert made["HistoryEvent"] or not made or name in LEAVES_NO_HISTORY
    if how.comes_to_the_same:
        return
    # The control: two pages that were opened at the same time, and each is sent.
    try:
        two = [sending(world, name, parts), sending(world, name, parts)]
    except LookupError:  # what is there now cannot be made a second time
        return
    between = rows()
    control = at_once(live_server, two)
    assert any(answer.status >= 400 for answer in control) or rows() - between != made
