"""Every address × every role × own and foreign center, compared with the table of domain.md.

The table is copied here by hand from that page, not taken from the code. An address that is missing below fails the
first test: add a row to PAGES that says which right it needs, and how to build its arguments.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from agreements.models import ConsultationFile, DutyDocument, LandJudgement
from agreements.pages.master.lists.lists import LISTS
from finance.models import Entry, StatementFile
from iconm_portal.forms import files
from iconm_portal.models import (
    Answer,
    Center,
    Job,
    ResetProposal,
    Role,
    SetUp,
    Side,
    TableImport,
    User,
    WaitingFile,
)
from iconm_portal.people import access
from iconm_portal.people.access import Right, allowed, permits
from kpi.models import (
    Evidence,
    Indicator,
    OfficialTextProposal,
    Plan,
    PlanCorrection,
    PlanProposal,
    RecordFile,
    Report,
    TargetProposal,
)
from kpi.papers.open_data.actions import switch
from kpi.reports import actions
from tests.builders.agreements import make_all, make_duties
from tests.builders.corrections import make_plan_corrections
from tests.builders.editions import make_editions
from tests.builders.finance import make_statements
from tests.builders.imports import make_import, make_job, wait
from tests.builders.initiatives import make_category, make_scheme
from tests.builders.ledger import make_ledger
from tests.builders.official_texts import make_official_texts
from tests.builders.packs import make_frozen_pack, make_pack
from tests.builders.plans import accept, make_draft, make_plan, tokyo
from tests.builders.proposals import make_plan_proposals, make_target_proposals
from tests.builders.records import make_register
from tests.builders.resets import make_reset_proposal
from tests.builders.set_up import make_set_ups
from tests.builders.standing import make_answer
from tests.builders.support import make_verifications
from tests.people import client_of, make_center, make_organisation, make_person

pytestmark = pytest.mark.django_db

# domain.md, "Three ways in which something is settled":
#                    甲 viewer, 甲 staff, 乙 viewer, 乙 staff, auditor, administrator
DOMAIN = {
    Right.SEE_SETTLED: "✔✔✔✔✔-",
    Right.SEE_SUBMITTED: "-✔-✔--",
    Right.SEE_DRAFTS: "---✔--",
    Right.KEEP: "---✔--",
    Right.REVIEW: "-✔----",
    Right.SETTLE_JOINTLY: "-✔-✔--",
    Right.CLOSE_YEAR: "---✔--",
    Right.REOPEN_YEAR: "-✔----",
    Right.PREPARE: "-✔-✔--",
    Right.SEE_HISTORY: "✔✔✔✔✔✔",
    Right.SEE_WHOLE_HISTORY: "----✔-",
    Right.SEE_RIGHTS_HISTORY: "----✔✔",
    Right.ADMINISTER: "-----✔",
}
# The auditor stands outside both sides, where least is known of them.
COLUMNS = ["city_viewer", "city_staff", "foundation_viewer", "foundation_staff", "auditor", "administrator"]
EVERYONE = "everyone"
PUBLIC = "public"


@dataclass(frozen=True)
class World:
    """A center with everything that an address can name, and one person per column."""

    center: Center
    people: dict[str, User]
    sessions: dict[str, str]  # the key of each person's session
    plan: Plan
    indicator: Indicator
    accepted: Report
    submitted: Report
    draft: Report
    accepted_evidence: Evidence
    submitted_evidence: Evidence
    draft_evidence: Evidence


Arguments = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Page:
    """What an address needs. `right` is a row of DOMAIN, EVERYONE or PUBLIC.

    `rule` is what the view names, where the state of the row asks for more than that (`right`).
    """

    right: Right | str
    arguments: Arguments = lambda world: {}
    methods: tuple[str, ...] = ("GET",)
    rule: Right | None = None
    data: dict[str, Any] = field(default_factory=dict)
    of_administered: bool = False  # names somebody or something that foreign administrators do not see


def a_person(world: World) -> dict[str, Any]:
    return {"person": world.people["city_viewer"].pk}


def a_reset(world: World) -> dict[str, Any]:
    return {"proposal": ResetProposal.objects.get(person=world.people["city_viewer"]).pk}


def an_audit(world: World) -> dict[str, Any]:
    return at_center(world) | {"organisation": world.people["auditor"].organisation.code}


def an_organisation(world: World) -> dict[str, Any]:
    return {"organisation": world.center.supporter.code}


def at_center(world: World) -> dict[str, Any]:
    return {"center": world.center.code}


def a_plan(world: World) -> dict[str, Any]:
    return at_center(world) | {"plan": world.plan.code}


def an_indicator(world: World) -> dict[str, Any]:
    return a_plan(world) | {"indicator": world.indicator.code}


def a_target_proposal(state: str) -> Arguments:
    return lambda world: (
        a_plan(world) | {"proposal": TargetProposal.objects.get(plan=world.plan, state=state).pk}
    )


def an_official_text(state: str) -> Arguments:
    return lambda world: (
        at_center(world) | {"proposal": OfficialTextProposal.objects.get(center=world.center, state=state).pk}
    )


def a_plan_proposal(state: str, **more: Any) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        found = PlanProposal.objects.get(center=world.center, state=state)
        return at_center(world) | {"proposal": found.pk, **more}

    return arguments


def a_correction(state: str) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        found = PlanCorrection.objects.get(plan__center=world.center, state=state)
        return at_center(world) | {"plan": found.plan.code, "correction": found.pk}

    return arguments


def arranged(*parts: str) -> Arguments:
    codes = {"scheme": "main", "group": "funding", "activity": "a0"}
    return lambda world: at_center(world) | {part: codes[part] for part in parts}


def an_activity(world: World) -> dict[str, Any]:
    names = {"scheme": "main", "category": "funding", "initiative": "a0"}
    return at_center(world) | names | {"year": 2026}


def a_set_up(state: str, **more: str) -> Arguments:
    return lambda world: (
        at_center(world) | {"set_up": SetUp.objects.get(center=world.center, state=state).pk} | more
    )


def a_table(world: World) -> dict[str, Any]:
    return at_center(world) | {"table": "kpi-targets", "ending": "csv"}


def a_pack(number: int) -> Arguments:
    """The first is frozen, the second is being prepared."""
    return lambda world: at_center(world) | {"number": number}


def a_year(world: World) -> dict[str, Any]:
    return at_center(world) | {"year": world.accepted.fiscal_year}


def a_year_of_a_plan(world: World) -> dict[str, Any]:
    return a_plan(world) | {"year": 2025}


def a_report(kind: str) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        report: Report = getattr(world, kind)
        return at_center(world) | {"year": report.fiscal_year, "report": report.pk}

    return arguments


def a_file(kind: str) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        return a_report(kind)(world) | {"file": getattr(world, f"{kind}_evidence").file_id}

    return arguments


def a_waiting_sheet(world: World) -> dict[str, Any]:
    """An entry sheet that was uploaded for the draft and not applied yet."""
    sheet = WaitingFile.objects.get(center=world.center, subject=world.draft.history_key())
    return a_report("draft")(world) | {"file": sheet.pk}


def an_agreement(world: World) -> dict[str, Any]:
    return at_center(world) | {"agreement": "basic"}


def an_annual_agreement(world: World) -> dict[str, Any]:
    return at_center(world) | {"agreement": "support-2026"}


def a_scan(world: World) -> dict[str, Any]:
    return an_agreement(world) | {"revision": 1}


def a_consultation(number: int) -> Arguments:
    """Number 1 is confirmed, number 2 only proposed."""
    return lambda world: at_center(world) | {"number": number}


def a_consultation_file(number: int) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        attached = ConsultationFile.objects.get(
            consultation__center=world.center, consultation__number=number
        )
        return a_consultation(number)(world) | {"file": attached.file_id}

    return arguments


def an_edition(code: str, number: int = 2, **more: Any) -> Arguments:
    """An edition of "worded" (the second is confirmed), "drafted" or "proposed" (the second is that)."""
    return lambda world: at_center(world) | {"agreement": code, "edition": number, **more}


def a_measure(world: World) -> dict[str, Any]:
    return at_center(world) | {"measure": "grant"}


def a_verification(year: int) -> Arguments:
    """Of 2022 settled, of 2023 handed in by the foundation, of 2024 its draft."""
    return lambda world: at_center(world) | {"kind": "kpi", "year": year}


def a_land_judgement(world: World) -> Arguments:
    at = at_center(world)
    given = LandJudgement.objects.get(ground="non_performance", center__code=at["center"])
    return at | {"judgement": given.pk}


def an_evaluation(year: int) -> Arguments:
    return lambda world: at_center(world) | {"year": year}


def a_calendar_year(world: World) -> dict[str, Any]:
    return at_center(world) | {"year": 2026}


def a_duty(code: str, year: int = 2025) -> Arguments:
    """One of `make_duties`: "saved", "handed-in", "settled"; "plan" of 2027."""
    return lambda world: at_center(world) | {"year": year, "agreement": "yearly", "obligation": code}


def a_summarised_agreement(world: World) -> dict[str, Any]:
    return at_center(world) | {"agreement": "summarised"}


def a_list(which: str) -> Arguments:
    return lambda world: at_center(world) | {"which": which}


def a_list_row(world: World) -> dict[str, Any]:
    return at_center(world) | {"which": "criteria", "row": "criterion-1"}


def an_obligation(world: World) -> dict[str, Any]:
    return at_center(world) | {"agreement": "yearly", "obligation": "saved"}


def a_duty_document(code: str) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        document = DutyDocument.objects.get(
            duty__obligation__agreement__center=world.center, duty__obligation__code=code
        )
        return a_duty(code)(world) | {"document": document.pk}

    return arguments


def a_ledger_year(year: int, **more: Any) -> Arguments:
    """Of `make_ledger`: 2024 is closed, 2025 open."""
    return lambda world: at_center(world) | {"year": year, **more}


def a_statement(year: int, stage: str = "settlement") -> Arguments:
    """Of `make_statements`."""
    return lambda world: at_center(world) | {"year": year, "stage": stage, "revision": 1}


def a_statement_file(year: int) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        attached = StatementFile.objects.get(
            statement__center=world.center, statement__fiscal_year=year, statement__stage="settlement"
        )
        return a_statement(year)(world) | {"file": attached.file_id}

    return arguments


def an_entry(year: int) -> Arguments:
    def arguments(world: World) -> dict[str, Any]:
        return at_center(world) | {"number": Entry.objects.get(center=world.center, fiscal_year=year).pk}

    return arguments


def a_record(number: int = 1) -> Arguments:
    """Of `make_register`: the first has a file, the second is withdrawn."""
    return lambda world: a_category(world) | {"number": number}


def a_category(world: World) -> dict[str, Any]:
    return at_center(world) | {"category": "ventures"}


def a_record_file(world: World) -> dict[str, Any]:
    attached = RecordFile.objects.get(record__center=world.center)
    return a_record()(world) | {"file": attached.file_id}


def a_record_import(world: World) -> dict[str, Any]:
    return at_center(world) | {"number": TableImport.objects.get(center=world.center, kind="kpi.records").pk}


def a_counted_year(world: World) -> dict[str, Any]:
    return an_indicator(world) | {"year": world.accepted.fiscal_year}


def a_job(world: World) -> dict[str, Any]:
    """Begun by the foundation's staff."""
    return at_center(world) | {"number": Job.objects.get(center=world.center, set_ups=None).pk}


def an_answer(world: World) -> dict[str, Any]:
    """Proposed by the foundation, not answered yet."""
    return at_center(world) | {"answer": Answer.objects.get(center=world.center).pk}


def an_import(world: World) -> dict[str, Any]:
    """Checked, not yet applied."""
    return at_center(world) | {
        "number": TableImport.objects.get(center=world.center, kind="finance.entries").pk
    }


BOTH = ("GET", "POST")
POST = ("POST",)
KEEP, REVIEW, SETTLED = Right.KEEP, Right.REVIEW, Right.SEE_SETTLED
JOINTLY = Right.SETTLE_JOINTLY

PAGES: dict[str, list[Page]] = {
    "home": [Page(EVERYONE)],
    "health": [Page(PUBLIC)],
    "login": [Page(PUBLIC, methods=BOTH)],
    "logout": [Page(PUBLIC, methods=POST)],
    "second_step": [Page(PUBLIC, methods=BOTH)],
    "account": [Page(EVERYONE)],
    "confirm": [Page(EVERYONE, methods=BOTH)],
    "own_sessions": [Page(EVERYONE, methods=BOTH)],
    "own_session_end": [Page(EVERYONE, lambda world: {"session": 1}, BOTH)],
    "second_factor": [Page(EVERYONE)],
    "second_factor_app": [Page(EVERYONE, methods=BOTH)],
    "second_factor_app_remove": [Page(EVERYONE, methods=BOTH)],
    "passkey_new": [Page(EVERYONE, methods=BOTH)],
    "passkey_remove": [Page(EVERYONE, lambda world: {"passkey": 1}, BOTH)],
    "recovery_codes": [Page(EVERYONE, methods=BOTH)],
    "recovery_codes_file": [Page(EVERYONE)],
    "password_change": [Page(EVERYONE, methods=BOTH)],
    "password_reset": [Page(PUBLIC, methods=BOTH)],
    "password_reset_done": [Page(PUBLIC)],
    "password_reset_confirm": [Page(PUBLIC, lambda world: {"uidb64": "MQ", "token": "x"}, BOTH)],
    "password_reset_complete": [Page(PUBLIC)],
    "set_language": [Page(PUBLIC, methods=POST, data={"language": "en"})],
    "people": [Page(Right.ADMINISTER)],
    "person_new": [Page(Right.ADMINISTER, methods=BOTH)],
    "person": [Page(Right.ADMINISTER, a_person, BOTH, of_administered=True)],
    "person_another": [Page(Right.ADMINISTER, a_person, BOTH, of_administered=True)],
    "person_deactivate": [Page(Right.ADMINISTER, a_person, BOTH, of_administered=True)],
    "person_reactivate": [Page(Right.ADMINISTER, a_person, BOTH, of_administered=True)],
    "person_reset_password": [Page(Right.ADMINISTER, a_person, BOTH, of_administered=True)],
    "person_reset_second_factor": [Page(Right.ADMINISTER, a_person, BOTH, of_administered=True)],
    "reset_confirm": [Page(Right.ADMINISTER, a_reset, BOTH, of_administered=True)],
    "reset_decline": [Page(Right.ADMINISTER, a_reset, BOTH, of_administered=True)],
    "auditors": [Page(Right.ADMINISTER, methods=BOTH)],
    "auditors_dismiss": [Page(Right.ADMINISTER, an_audit, BOTH, of_administered=True)],
    "begin": [Page(Right.ADMINISTER)],
    "organisations": [Page(Right.ADMINISTER)],
    "organisation_new": [Page(Right.ADMINISTER, methods=BOTH)],
    "organisation": [Page(Right.ADMINISTER, an_organisation, BOTH, of_administered=True)],
    "organisation_delete": [Page(Right.ADMINISTER, an_organisation, POST, of_administered=True)],
    "organisation_person_new": [Page(Right.ADMINISTER, an_organisation, BOTH, of_administered=True)],
    "centers": [Page(Right.ADMINISTER)],
    "center_new": [Page(Right.ADMINISTER, methods=BOTH)],
    "center": [Page(Right.ADMINISTER, at_center, BOTH, of_administered=True)],
    "center_delete": [Page(Right.ADMINISTER, at_center, POST, of_administered=True)],
    "history": [Page(Right.SEE_HISTORY)],
    "history_csv": [Page(Right.SEE_HISTORY)],
    "audit": [Page(Right.SEE_RIGHTS_HISTORY)],
    "audit_csv": [Page(Right.SEE_RIGHTS_HISTORY)],
    "audit_json": [Page(Right.SEE_RIGHTS_HISTORY)],
    "history_json": [Page(Right.SEE_HISTORY)],
    # Of jobs, whoever began it has the page and nobody else.
    "job": [Page(KEEP, a_job, rule=SETTLED)],
    "job_result": [Page(KEEP, a_job, rule=SETTLED)],
    "job_again": [Page(KEEP, a_job, POST, rule=SETTLED)],
    "standing:changed": [Page(SETTLED, at_center)],
    "standing:propose": [Page(JOINTLY, at_center, BOTH)],
    "standing:answer": [Page(Right.SEE_SUBMITTED, an_answer, rule=SETTLED)],
    "standing:answer_take_back": [Page(JOINTLY, an_answer, POST)],
    "standing:answer_confirm": [Page(JOINTLY, an_answer, POST)],
    "standing:answer_decline": [Page(JOINTLY, an_answer, POST)],
    "kpi:home": [Page(SETTLED, at_center)],
    "kpi:preparation": [Page(SETTLED, at_center)],
    "kpi:plans": [Page(SETTLED, at_center)],
    "kpi:plan": [Page(SETTLED, a_plan)],
    "kpi:indicator": [Page(SETTLED, an_indicator)],
    "kpi:next_plan": [Page(SETTLED, at_center)],
    "kpi:next_plan_start": [Page(JOINTLY, at_center, POST)],
    "kpi:plan_proposal": [
        Page(SETTLED, a_plan_proposal("confirmed")),
        Page(Right.SEE_SUBMITTED, a_plan_proposal("draft"), rule=SETTLED),
    ],
    "kpi:plan_proposal_edit": [Page(JOINTLY, a_plan_proposal("draft"), BOTH)],
    "kpi:plan_proposal_targets": [Page(JOINTLY, a_plan_proposal("draft"), BOTH)],
    "kpi:plan_proposal_add": [Page(JOINTLY, a_plan_proposal("draft"), BOTH)],
    "kpi:plan_proposal_line": [Page(JOINTLY, a_plan_proposal("draft", indicator="trials"), BOTH)],
    "kpi:plan_proposal_remove": [Page(JOINTLY, a_plan_proposal("draft", indicator="trials"), POST)],
    "kpi:plan_proposal_propose": [Page(JOINTLY, a_plan_proposal("draft"), POST)],
    "kpi:plan_proposal_take_back": [Page(JOINTLY, a_plan_proposal("draft"), POST)],
    "kpi:plan_proposal_confirm": [Page(JOINTLY, a_plan_proposal("draft"), POST)],
    "kpi:plan_proposal_decline": [Page(JOINTLY, a_plan_proposal("draft"), POST)],
    "kpi:plan_proposal_discard": [Page(JOINTLY, a_plan_proposal("draft"), POST)],
    "kpi:plan_corrections": [Page(SETTLED, a_plan)],
    "kpi:plan_correction_new": [Page(JOINTLY, a_plan, BOTH)],
    "kpi:plan_correction": [
        Page(SETTLED, a_correction("confirmed")),
        Page(Right.SEE_SUBMITTED, a_correction("proposed"), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, a_correction("draft"), rule=SETTLED),
    ],
    "kpi:plan_correction_edit": [Page(JOINTLY, a_correction("draft"), BOTH)],
    "kpi:plan_correction_propose": [Page(JOINTLY, a_correction("draft"), POST)],
    "kpi:plan_correction_take_back": [Page(JOINTLY, a_correction("proposed"), POST)],
    "kpi:plan_correction_confirm": [Page(JOINTLY, a_correction("proposed"), POST)],
    "kpi:plan_correction_decline": [Page(JOINTLY, a_correction("proposed"), POST)],
    "kpi:plan_correction_discard": [Page(JOINTLY, a_correction("draft"), POST)],
    "kpi:target_proposals": [Page(SETTLED, a_plan)],
    "kpi:target_proposal_new": [Page(JOINTLY, a_plan, BOTH)],
    "kpi:target_proposal": [
        Page(SETTLED, a_target_proposal("confirmed")),
        Page(Right.SEE_SUBMITTED, a_target_proposal("proposed"), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, a_target_proposal("draft"), rule=SETTLED),
    ],
    "kpi:target_proposal_edit": [Page(JOINTLY, a_target_proposal("draft"), BOTH)],
    "kpi:target_proposal_propose": [Page(JOINTLY, a_target_proposal("draft"), POST)],
    "kpi:target_proposal_take_back": [Page(JOINTLY, a_target_proposal("proposed"), POST)],
    "kpi:target_proposal_confirm": [Page(JOINTLY, a_target_proposal("proposed"), POST)],
    "kpi:target_proposal_decline": [Page(JOINTLY, a_target_proposal("proposed"), POST)],
    "kpi:target_proposal_discard": [Page(JOINTLY, a_target_proposal("draft"), POST)],
    "kpi:official_texts": [Page(SETTLED, at_center)],
    "kpi:official_text_new": [Page(JOINTLY, lambda world: at_center(world) | {"group": "scheme-main"}, BOTH)],
    "kpi:official_text_proposal": [
        Page(SETTLED, an_official_text("confirmed")),
        Page(Right.SEE_SUBMITTED, an_official_text("proposed"), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, an_official_text("draft"), rule=SETTLED),
    ],
    "kpi:official_text_proposal_edit": [Page(JOINTLY, an_official_text("draft"), BOTH)],
    "kpi:official_text_proposal_propose": [Page(JOINTLY, an_official_text("draft"), POST)],
    "kpi:official_text_proposal_take_back": [Page(JOINTLY, an_official_text("proposed"), POST)],
    "kpi:official_text_proposal_confirm": [Page(JOINTLY, an_official_text("proposed"), POST)],
    "kpi:official_text_proposal_decline": [Page(JOINTLY, an_official_text("proposed"), POST)],
    "kpi:official_text_proposal_discard": [Page(JOINTLY, an_official_text("draft"), POST)],
    "kpi:initiatives": [Page(SETTLED, at_center)],
    "kpi:initiatives_of_year": [Page(SETTLED, lambda world: at_center(world) | {"year": 2026})],
    "kpi:arrangement": [Page(Right.PREPARE, at_center)],
    "kpi:scheme_new": [Page(Right.PREPARE, at_center, BOTH)],
    "kpi:scheme": [Page(Right.PREPARE, arranged("scheme"), BOTH)],
    "kpi:scheme_remove": [Page(Right.PREPARE, arranged("scheme"), POST)],
    "kpi:group_new": [Page(Right.PREPARE, arranged("scheme"), BOTH)],
    "kpi:group": [Page(Right.PREPARE, arranged("scheme", "group"), BOTH)],
    "kpi:group_remove": [Page(Right.PREPARE, arranged("scheme", "group"), POST)],
    "kpi:activity_new": [Page(Right.PREPARE, arranged("scheme", "group"), BOTH)],
    "kpi:activity": [Page(Right.PREPARE, arranged("scheme", "group", "activity"), BOTH)],
    "kpi:activity_remove": [Page(Right.PREPARE, arranged("scheme", "group", "activity"), POST)],
    "kpi:initiatives_sheet": [Page(KEEP, lambda world: at_center(world) | {"year": 2026}, BOTH)],
    "kpi:initiative_keep": [Page(KEEP, an_activity, BOTH)],
    "kpi:reports": [Page(SETTLED, at_center)],
    "kpi:reports_of_year": [Page(SETTLED, a_year)],
    "kpi:report_start": [Page(KEEP, a_year_of_a_plan, POST)],
    "kpi:report": [
        Page(SETTLED, a_report("accepted")),
        Page(Right.SEE_SUBMITTED, a_report("submitted"), rule=SETTLED),
        Page(Right.SEE_DRAFTS, a_report("draft"), rule=SETTLED),
    ],
    "kpi:report_entry": [Page(KEEP, a_report("draft"), BOTH)],
    "kpi:report_check": [Page(KEEP, a_report("draft"), POST)],
    "kpi:report_sheet": [Page(KEEP, a_report("draft"))],
    "kpi:report_upload": [Page(KEEP, a_report("draft"), BOTH)],
    "kpi:report_upload_preview": [Page(KEEP, a_waiting_sheet)],
    "kpi:report_upload_apply": [Page(KEEP, a_waiting_sheet, BOTH)],
    "kpi:report_submit": [Page(KEEP, a_report("draft"), POST)],
    "kpi:report_take_back": [Page(KEEP, a_report("submitted"), POST)],
    "kpi:report_discard": [Page(KEEP, a_report("draft"), POST)],
    "kpi:report_correct": [Page(KEEP, a_report("accepted"), POST)],
    "kpi:report_open": [Page(REVIEW, a_report("submitted"), POST)],
    "kpi:report_review": [Page(REVIEW, a_report("submitted"))],
    "kpi:report_return": [Page(REVIEW, a_report("submitted"), POST)],
    "kpi:report_accept": [Page(REVIEW, a_report("submitted"), POST)],
    "kpi:evidence": [
        Page(SETTLED, a_file("accepted")),
        Page(Right.SEE_SUBMITTED, a_file("submitted"), rule=SETTLED),
        Page(Right.SEE_DRAFTS, a_file("draft"), rule=SETTLED),
    ],
    "kpi:records": [Page(SETTLED, at_center)],
    "kpi:records_csv": [Page(SETTLED, at_center)],
    "kpi:records_xlsx": [Page(SETTLED, at_center)],
    "kpi:counted": [Page(SETTLED, a_counted_year)],
    "kpi:record": [Page(SETTLED, a_record()), Page(SETTLED, a_record(2))],
    "kpi:record_file": [Page(SETTLED, a_record_file)],
    "kpi:record_new": [Page(KEEP, a_category, BOTH)],
    "kpi:record_edit": [Page(KEEP, a_record(), BOTH)],
    "kpi:record_withdraw": [Page(KEEP, a_record(), POST)],
    "kpi:record_reinstate": [Page(KEEP, a_record(2), POST)],
    "kpi:record_attach": [Page(KEEP, a_record(), POST)],
    "kpi:set_ups": [Page(Right.PREPARE, at_center, BOTH)],
    "kpi:set_up_template": [Page(Right.PREPARE, at_center)],
    "kpi:set_up_export": [Page(Right.PREPARE, at_center, POST)],
    "kpi:set_up": [Page(Right.PREPARE, a_set_up("draft"))],
    "kpi:set_up_file": [Page(Right.PREPARE, a_set_up("draft"))],
    "kpi:set_up_sheet": [Page(Right.PREPARE, a_set_up("draft", table="posts"))],
    "kpi:set_up_confirm": [Page(JOINTLY, a_set_up("proposed"), POST)],
    "kpi:set_up_propose": [Page(JOINTLY, a_set_up("draft"), POST)],
    "kpi:set_up_take_back": [Page(JOINTLY, a_set_up("proposed"), POST)],
    "kpi:set_up_decline": [Page(JOINTLY, a_set_up("proposed"), POST)],
    "kpi:set_up_discard": [Page(JOINTLY, a_set_up("draft"), POST)],
    "kpi:record_imports": [Page(KEEP, at_center, BOTH)],
    "kpi:record_import_template": [Page(KEEP, lambda world: at_center(world) | {"ending": "csv"})],
    "kpi:record_import": [Page(KEEP, a_record_import)],
    "kpi:record_import_apply": [Page(KEEP, a_record_import, POST)],
    "kpi:record_import_discard": [Page(KEEP, a_record_import, POST)],
    "kpi:record_import_undo": [Page(KEEP, a_record_import, BOTH)],
    "kpi:record_import_marked": [Page(KEEP, a_record_import)],
    "kpi:categories": [Page(Right.PREPARE, at_center)],
    "kpi:bases": [Page(SETTLED, at_center)],
    "kpi:basis": [
        Page(
            Right.PREPARE,
            an_indicator,
            BOTH,
            data={"basis": "category//", "seen": "category//", "reason": "台帳にない"},
        )
    ],
    "kpi:opening_balance": [Page(Right.PREPARE, an_indicator, BOTH)],
    "kpi:own_opening_balance": [Page(Right.PREPARE, an_indicator, BOTH)],
    "kpi:category_new": [Page(Right.PREPARE, at_center, BOTH)],
    "kpi:category": [Page(Right.PREPARE, a_category, BOTH)],
    "kpi:balance": [Page(SETTLED, at_center)],
    "kpi:balance_year": [Page(SETTLED, a_year)],
    "finance:statements": [Page(SETTLED, at_center)],
    "finance:statement_new": [Page(KEEP, at_center, BOTH)],
    "finance:statement": [
        Page(SETTLED, a_statement(2023)),
        Page(Right.SEE_SUBMITTED, a_statement(2024), rule=SETTLED),
        Page(Right.SEE_DRAFTS, a_statement(2025), rule=SETTLED),
    ],
    "finance:statement_file": [
        Page(SETTLED, a_statement_file(2023)),
        Page(Right.SEE_SUBMITTED, a_statement_file(2024), rule=SETTLED),
        Page(Right.SEE_DRAFTS, a_statement_file(2025), rule=SETTLED),
    ],
    "finance:statement_entry": [Page(KEEP, a_statement(2025), BOTH)],
    "finance:statement_check": [Page(KEEP, a_statement(2025), POST)],
    "finance:statement_submit": [Page(KEEP, a_statement(2025), POST)],
    "finance:statement_take_back": [Page(KEEP, a_statement(2024), POST)],
    "finance:statement_decide": [Page(KEEP, a_statement(2026, "budget"), POST)],
    "finance:statement_discard": [Page(KEEP, a_statement(2025), POST)],
    "finance:statement_correct": [Page(KEEP, a_statement(2023), POST)],
    "finance:statement_open": [Page(REVIEW, a_statement(2024), POST)],
    "finance:statement_return": [Page(REVIEW, a_statement(2024), POST)],
    "finance:statement_accept": [Page(REVIEW, a_statement(2024), POST)],
    "finance:contributions": [Page(SETTLED, at_center)],
    "finance:ledger": [Page(SETTLED, at_center)],
    "finance:ledger_of_year": [Page(SETTLED, a_ledger_year(2024)), Page(SETTLED, a_ledger_year(2025))],
    "finance:ledger_of_account": [
        Page(SETTLED, a_ledger_year(2024, account="kept")),
        Page(Right.SEE_DRAFTS, a_ledger_year(2025, account="kept"), rule=SETTLED),
    ],
    "finance:ledger_export": [
        Page(SETTLED, a_ledger_year(2024)),
        Page(Right.SEE_DRAFTS, a_ledger_year(2025), rule=SETTLED),
    ],
    "finance:entry": [
        Page(SETTLED, an_entry(2024)),
        Page(Right.SEE_DRAFTS, an_entry(2025), rule=SETTLED),
    ],
    "finance:entry_new": [Page(KEEP, at_center, BOTH)],
    "finance:entry_reverse": [Page(KEEP, an_entry(2025), BOTH)],
    "finance:entry_correct": [Page(KEEP, an_entry(2025), BOTH)],
    "finance:accounts": [Page(Right.PREPARE, at_center)],
    "finance:account_new": [Page(Right.PREPARE, at_center, BOTH)],
    "finance:account": [Page(Right.PREPARE, lambda world: at_center(world) | {"account": "kept"}, BOTH)],
    "finance:imports": [Page(KEEP, at_center)],
    "finance:import_entries": [Page(KEEP, at_center, BOTH)],
    "finance:import_statement": [Page(KEEP, at_center, BOTH)],
    "finance:import_template": [
        Page(KEEP, lambda world: at_center(world) | {"kind": "entries", "ending": "xlsx"})
    ],
    "finance:import": [Page(KEEP, an_import)],
    "finance:import_apply": [Page(KEEP, an_import, POST)],
    "finance:import_discard": [Page(KEEP, an_import, POST)],
    "finance:import_undo": [Page(KEEP, an_import, BOTH)],
    "finance:import_marked": [Page(KEEP, an_import)],
    "finance:year_close": [Page(Right.CLOSE_YEAR, a_ledger_year(2025), BOTH)],
    "finance:year_reopen": [Page(Right.REOPEN_YEAR, a_ledger_year(2024), BOTH)],
    "agreements:agreements": [Page(SETTLED, at_center)],
    "agreements:agreement": [
        Page(SETTLED, an_agreement),
        Page(Right.SEE_SUBMITTED, an_annual_agreement, rule=SETTLED),
    ],
    "agreements:conclusion": [Page(JOINTLY, an_agreement, BOTH)],
    "agreements:conclusion_confirm": [Page(JOINTLY, an_agreement, POST)],
    "agreements:conclusion_decline": [Page(JOINTLY, an_agreement, POST)],
    "agreements:conclusion_take_back": [Page(JOINTLY, an_agreement, POST)],
    "agreements:conclusion_discard": [Page(JOINTLY, an_agreement, POST)],
    "agreements:scan": [Page(SETTLED, a_scan)],
    "agreements:notice": [Page(JOINTLY, an_agreement, BOTH)],
    "agreements:notice_withdraw": [Page(JOINTLY, an_agreement, POST)],
    "agreements:ending": [Page(JOINTLY, an_agreement, BOTH)],
    "agreements:ending_confirm": [Page(JOINTLY, an_agreement, POST)],
    "agreements:ending_decline": [Page(JOINTLY, an_agreement, POST)],
    "agreements:ending_take_back": [Page(JOINTLY, an_agreement, POST)],
    "agreements:annual_new": [Page(JOINTLY, an_agreement, BOTH)],
    "agreements:annual_change": [Page(JOINTLY, an_annual_agreement, BOTH)],
    "agreements:annual_confirm": [Page(JOINTLY, an_annual_agreement, POST)],
    "agreements:annual_decline": [Page(JOINTLY, an_annual_agreement, POST)],
    "agreements:annual_take_back": [Page(JOINTLY, an_annual_agreement, POST)],
    "agreements:consultations": [Page(SETTLED, at_center)],
    "agreements:consultation_new": [Page(JOINTLY, at_center, BOTH)],
    "agreements:consultation": [
        Page(SETTLED, a_consultation(1)),
        Page(Right.SEE_SUBMITTED, a_consultation(2), rule=SETTLED),
    ],
    "agreements:consultation_edit": [Page(JOINTLY, a_consultation(2), BOTH)],
    "agreements:consultation_confirm": [Page(JOINTLY, a_consultation(2), POST)],
    "agreements:consultation_decline": [Page(JOINTLY, a_consultation(2), POST)],
    "agreements:consultation_take_back": [Page(JOINTLY, a_consultation(2), POST)],
    "agreements:consultation_file": [
        Page(SETTLED, a_consultation_file(1)),
        Page(Right.SEE_SUBMITTED, a_consultation_file(2), rule=SETTLED),
    ],
    "agreements:chronology": [Page(SETTLED, at_center)],
    "agreements:provision_search": [Page(SETTLED, at_center)],
    "agreements:editions": [Page(SETTLED, an_agreement)],
    "agreements:amendment_start": [Page(JOINTLY, an_agreement, POST)],
    "agreements:edition": [
        Page(SETTLED, an_edition("worded")),
        Page(SETTLED, an_edition("drafted", 1)),
        Page(Right.SEE_SUBMITTED, an_edition("drafted"), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, an_edition("proposed"), rule=SETTLED),
    ],
    "agreements:edition_compare": [
        Page(SETTLED, an_edition("worded", other=1)),
        Page(Right.SEE_SUBMITTED, an_edition("proposed", other=1), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, an_edition("proposed", 1, other=2), rule=SETTLED),
    ],
    "agreements:edition_scan": [Page(SETTLED, an_edition("worded"))],
    "agreements:edition_import": [Page(JOINTLY, an_edition("drafted"), BOTH)],
    "agreements:edition_draft": [Page(JOINTLY, an_edition("drafted"), BOTH)],
    "agreements:provision_add": [Page(JOINTLY, an_edition("drafted"), BOTH)],
    "agreements:provision_edit": [Page(JOINTLY, an_edition("drafted", key="art1/par1"), BOTH)],
    "agreements:provision_remove": [Page(JOINTLY, an_edition("drafted", key="art1/par1"), POST)],
    "agreements:edition_propose": [Page(JOINTLY, an_edition("drafted"), BOTH)],
    "agreements:edition_take_back": [Page(JOINTLY, an_edition("proposed"), POST)],
    "agreements:edition_confirm": [Page(JOINTLY, an_edition("proposed"), POST)],
    "agreements:edition_decline": [Page(JOINTLY, an_edition("proposed"), POST)],
    "agreements:edition_obligation": [Page(JOINTLY, an_edition("drafted", obligation="report"), BOTH)],
    "agreements:edition_measure": [Page(JOINTLY, an_edition("drafted", measure="drafted-grant"), BOTH)],
    "agreements:edition_leave_the_measures": [Page(JOINTLY, an_edition("drafted"), POST)],
    "agreements:edition_leave_the_rest": [Page(JOINTLY, an_edition("drafted"), POST)],
    "agreements:edition_conclusion": [Page(JOINTLY, an_edition("worded"), BOTH)],
    "agreements:edition_conclusion_confirm": [Page(JOINTLY, an_edition("worded"), POST)],
    "agreements:edition_conclusion_decline": [Page(JOINTLY, an_edition("worded"), POST)],
    "agreements:edition_conclusion_take_back": [Page(JOINTLY, an_edition("worded"), POST)],
    "agreements:edition_conclusion_discard": [Page(JOINTLY, an_edition("worded"), POST)],
    "agreements:wording": [Page(Right.SEE_SUBMITTED, an_edition("unworded", 1))],
    "agreements:wording_confirm": [Page(JOINTLY, an_edition("unworded", 1), POST)],
    "agreements:wording_decline": [Page(JOINTLY, an_edition("unworded", 1), POST)],
    "agreements:wording_take_back": [Page(JOINTLY, an_edition("unworded", 1), POST)],
    "agreements:edition_discard": [Page(JOINTLY, an_edition("drafted"), POST)],
    "agreements:support": [Page(SETTLED, at_center)],
    "agreements:support_measure": [Page(SETTLED, a_measure)],
    "agreements:support_record": [Page(JOINTLY, a_measure, POST)],
    "agreements:land": [Page(SETTLED, at_center)],
    "agreements:land_judge": [Page(REVIEW, at_center)],
    "agreements:land_correct": [Page(REVIEW, a_land_judgement)],
    "agreements:verifications": [Page(SETTLED, at_center)],
    "agreements:verification": [
        Page(SETTLED, a_verification(2022)),
        Page(Right.SEE_SUBMITTED, a_verification(2023), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, a_verification(2024), rule=SETTLED),
    ],
    "agreements:verification_revision": [
        Page(SETTLED, lambda world: a_verification(2022)(world) | {"revision": 1})
    ],
    "agreements:verification_anew": [Page(JOINTLY, a_verification(2022), BOTH)],
    "agreements:verification_save": [Page(JOINTLY, a_verification(2024), POST)],
    "agreements:verification_submit": [Page(JOINTLY, a_verification(2024), POST)],
    "agreements:verification_take_back": [Page(JOINTLY, a_verification(2023), POST)],
    "agreements:verification_discard": [Page(JOINTLY, a_verification(2024), POST)],
    "agreements:verification_confirm": [Page(JOINTLY, a_verification(2023), POST)],
    "agreements:verification_return": [Page(JOINTLY, a_verification(2023), POST)],
    "kpi:evaluation": [
        Page(SETTLED, an_evaluation(2022)),
        Page(Right.SEE_SUBMITTED, an_evaluation(2023), rule=SETTLED),
        Page(Right.SEE_SUBMITTED, an_evaluation(2024), rule=SETTLED),
    ],
    "kpi:evaluation_begin": [Page(REVIEW, an_evaluation(2025), POST)],
    "kpi:evaluation_correct": [Page(REVIEW, an_evaluation(2022))],
    "kpi:evaluation_save": [Page(KEEP, an_evaluation(2024), POST)],
    "kpi:evaluation_submit": [Page(KEEP, an_evaluation(2024), POST)],
    "kpi:evaluation_take_back": [Page(KEEP, an_evaluation(2023), POST)],
    "kpi:evaluation_discard": [Page(KEEP, an_evaluation(2024), POST)],
    "kpi:evaluation_open": [Page(REVIEW, an_evaluation(2023), POST)],
    "kpi:evaluation_return": [Page(REVIEW, an_evaluation(2023), POST)],
    "kpi:evaluation_save_judgement": [Page(REVIEW, an_evaluation(2023), POST)],
    "kpi:evaluation_judge": [Page(REVIEW, an_evaluation(2023), POST)],
    "kpi:traceability": [Page(SETTLED, at_center)],
    "kpi:traceability_of": [Page(SETTLED, an_agreement)],
    "kpi:traceability_year": [Page(SETTLED, lambda world: an_agreement(world) | {"year": 2025})],
    "agreements:calendar": [Page(SETTLED, at_center)],
    "agreements:calendar_of_year": [Page(SETTLED, a_calendar_year)],
    "agreements:calendar_store": [Page(JOINTLY, a_calendar_year, BOTH)],
    "agreements:calendar_subscription": [Page(SETTLED, at_center)],
    "agreements:calendar_issue": [Page(SETTLED, at_center, BOTH)],
    "agreements:calendar_revoke": [Page(SETTLED, at_center, BOTH)],
    "agreements:master": [Page(Right.PREPARE, at_center)],
    "agreements:master_list": [Page(Right.PREPARE, a_list(which)) for which in LISTS],
    "agreements:master_list_new": [Page(Right.PREPARE, a_list(which), BOTH) for which in LISTS],
    "agreements:master_list_row": [Page(Right.PREPARE, a_list_row, BOTH)],
    "agreements:master_list_delete": [Page(Right.PREPARE, a_list_row, BOTH)],
    "agreements:master_agreement_new": [Page(Right.PREPARE, at_center, BOTH)],
    "agreements:master_agreement": [Page(Right.PREPARE, an_agreement, BOTH)],
    "agreements:master_agreement_delete": [Page(Right.PREPARE, an_agreement, BOTH)],
    "agreements:master_obligation_delete": [Page(Right.PREPARE, an_obligation, BOTH)],
    "agreements:master_measure_delete": [
        Page(
            Right.PREPARE,
            lambda world: at_center(world) | {"agreement": "drafted", "measure": "drafted-grant"},
            BOTH,
        )
    ],
    "agreements:master_obligation_new": [Page(Right.PREPARE, an_agreement, BOTH)],
    "agreements:master_obligation": [Page(Right.PREPARE, an_obligation, BOTH)],
    "agreements:master_party": [
        Page(Right.PREPARE, lambda world: an_agreement(world) | {"side": "operator"}, BOTH)
    ],
    "agreements:master_measure_new": [Page(Right.PREPARE, an_agreement, BOTH)],
    "agreements:master_measure": [
        Page(
            Right.PREPARE,
            lambda world: at_center(world) | {"agreement": "drafted", "measure": "drafted-grant"},
            BOTH,
        )
    ],
    "agreements:master_summary_new": [Page(Right.PREPARE, a_summarised_agreement, BOTH)],
    "agreements:master_summary": [
        Page(Right.PREPARE, lambda world: a_summarised_agreement(world) | {"key": "art1"}, BOTH)
    ],
    "agreements:master_summary_remove": [
        Page(Right.PREPARE, lambda world: a_summarised_agreement(world) | {"key": "art1"}, POST)
    ],
    "calendar_feed": [Page(PUBLIC, lambda world: {"secret": f"{world.center.code}-secret"})],
    "agreements:duty": [Page(SETTLED, a_duty("saved"))],
    "agreements:duty_store": [Page(JOINTLY, a_duty("saved"), BOTH)],
    "agreements:duty_save": [Page(KEEP, a_duty("saved"), POST, rule=JOINTLY)],
    "agreements:duty_take_back": [Page(KEEP, a_duty("handed-in"), POST, rule=JOINTLY)],
    "agreements:duty_open": [Page(REVIEW, a_duty("handed-in"), POST, rule=JOINTLY)],
    "agreements:duty_return": [Page(REVIEW, a_duty("handed-in"), POST, rule=JOINTLY, data={"text": "x"})],
    "agreements:duty_accept": [Page(REVIEW, a_duty("handed-in"), POST, rule=JOINTLY)],
    "agreements:duty_decide": [Page(JOINTLY, a_duty("plan", 2027), BOTH)],
    "agreements:duty_date": [Page(JOINTLY, a_duty("saved"), BOTH)],
    "agreements:duty_extend": [Page(JOINTLY, a_duty("saved"), BOTH)],
    "agreements:duty_follow": [Page(JOINTLY, a_duty("saved"), BOTH)],
    "agreements:duty_comment": [Page(JOINTLY, a_duty("handed-in"), BOTH)],
    "agreements:duty_ask": [Page(JOINTLY, a_duty("on-request", 2026), BOTH)],
    "agreements:duty_document": [
        Page(SETTLED, a_duty_document("settled")),
        Page(Right.SEE_SUBMITTED, a_duty_document("handed-in"), rule=SETTLED),
        Page(Right.SEE_DRAFTS, a_duty_document("saved"), rule=SETTLED),
    ],
    "kpi:changes": [Page(SETTLED, at_center)],
    "kpi:data": [Page(SETTLED, at_center)],
    "kpi:data_file": [Page(SETTLED, a_table)],
    "kpi:data_workbook": [Page(SETTLED, at_center, POST)],
    "kpi:data_switch": [Page(REVIEW, at_center, POST, data={"is_open": "yes"})],
    "open_data": [Page(PUBLIC, at_center)],
    "open_data_file": [Page(PUBLIC, a_table)],
    "kpi:packs": [Page(SETTLED, at_center)],
    "kpi:pack_new": [Page(REVIEW, at_center, BOTH)],
    "kpi:pack": [Page(SETTLED, a_pack(1)), Page(REVIEW, a_pack(2), rule=SETTLED)],
    "kpi:pack_edit": [Page(REVIEW, a_pack(2), BOTH)],
    "kpi:pack_freeze": [Page(REVIEW, a_pack(2), POST)],
    "kpi:pack_discard": [Page(REVIEW, a_pack(2), POST)],
    "kpi:pack_differences": [Page(SETTLED, a_pack(1))],
    "kpi:pack_workbook": [Page(SETTLED, a_pack(1)), Page(REVIEW, a_pack(2), rule=SETTLED)],
    "kpi:pack_data": [Page(SETTLED, a_pack(1))],
    "kpi:committee_pack": [Page(SETTLED, at_center)],
}
ROWS = [
    pytest.param(name, page, method, id=f"{name}-{index}-{method}")
    for name, pages in PAGES.items()
    for index, page in enumerate(pages)
    for method in page.methods
]


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every leaf of the URLconf with its full name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}", entry


def named(column: str) -> tuple[Side | None, Role]:
    """The side and the role that a column is for; no side where it is for both."""
    side, _line, role = column.rpartition("_")
    return {"city": Side.SUPPORTER, "foundation": Side.OPERATOR}.get(side), Role(role)


def make_world(code: str) -> World:
    city, foundation = make_organisation(f"{code}-city"), make_organisation(f"{code}-foundation")
    center = make_center(code, city, foundation)
    outside = make_organisation(f"{code}-audit-office")
    center.auditors.add(outside)
    stands_at = {"foundation_viewer": foundation, "foundation_staff": foundation, "auditor": outside}
    people = {
        column: make_person(
            f"{code}-{column}".replace("_", "-"), stands_at.get(column, city), named(column)[1]
        )
        for column in COLUMNS
    }
    make_reset_proposal(people["city_viewer"], foundation)
    foundation_staff, city_staff = people["foundation_staff"], people["city_staff"]
    plan = make_plan(center, targets={"trials": 10})
    drafts = [make_draft(plan, year, {"trials": 9}, by=foundation_staff) for year in (2022, 2023, 2024)]
    evidence = [attach(report, foundation_staff) for report in drafts]
    for report in drafts[:2]:
        actions.submit(report=report, version=report.version, by=foundation_staff, at=tokyo(date(2026, 5, 1)))
    accept(drafts[0], reviewer=city_staff)
    make_all(center, city=city_staff, foundation=foundation_staff)
    make_verifications(center, city=city_staff, foundation=foundation_staff)
    make_duties(center, city=city_staff, foundation=foundation_staff)
    make_editions(center, city=city_staff, foundation=foundation_staff)
    make_target_proposals(plan, city=city_staff, foundation=foundation_staff)
    make_category(make_scheme(center))
    make_official_texts(center, city=city_staff, foundation=foundation_staff)
    make_plan_corrections(plan, city=city_staff, foundation=foundation_staff)
    make_plan_proposals(plan, city=city_staff, foundation=foundation_staff)
    make_job(center, by=foundation_staff)
    make_import(center, by=foundation_staff)
    make_set_ups(center, city=city_staff, foundation=foundation_staff)
    wait(center, by=foundation_staff, subject=drafts[2].history_key())
    make_register(plan, by=foundation_staff)
    make_ledger(center, by=foundation_staff)
    make_statements(center, city=city_staff, foundation=foundation_staff)
    make_answer(center, city=city_staff, foundation=foundation_staff)
    switch(center=center, is_open=True, version=0, by=city_staff, at=tokyo(date(2026, 6, 1)))
    make_frozen_pack(center, by=city_staff, as_of=date(2026, 6, 1), at=tokyo(date(2026, 6, 1)))
    make_pack(center, by=city_staff, as_of=date(2026, 6, 1), at=tokyo(date(2026, 6, 1)))
    sessions = {column: client_of(person).session.session_key for column, person in people.items()}
    return World(center, people, sessions, plan, plan.indicators.get(code="trials"), *drafts, *evidence)


def attach(report: Report, by: User) -> Evidence:
    file = files.store(files.CheckedFile("a.txt", "text/plain", b"a"), center=report.plan.center, by=by)
    return Evidence.objects.create(
        report=report, indicator=report.plan.indicators.get(code="trials"), file=file, attached_by=by
    )


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[World, World]]:
    """Made once: there are a thousand requests to make, and each undoes what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world("own"), make_world("foreign")
        transaction.set_rollback(True)


@pytest.fixture
def own(worlds: tuple[World, World]) -> World:
    return worlds[0]


@pytest.fixture
def foreign(worlds: tuple[World, World]) -> World:
    return worlds[1]


def test_the_code_holds_the_table_of_the_domain() -> None:
    said = {
        right: "".join("✔" if permits(*named(column), right) else "-" for column in COLUMNS)
        for right in Right
    }
    assert said == DOMAIN


def test_every_column_of_the_table_is_walked_here() -> None:
    assert [named(column) for column in COLUMNS] == list(access._COLUMNS)


def test_nothing_is_allowed_at_a_foreign_center(own: World, foreign: World) -> None:
    assert not any(
        allowed(person, foreign.center, right) for person, right in product(own.people.values(), Right)
    )


def test_every_address_is_known_here() -> None:
    assert {name for name, _pattern in addresses()} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_every_view_names_its_rule(name: str) -> None:
    view = dict(addresses())[name].callback
    for page in PAGES[name]:
        if page.right == PUBLIC:
            assert view.login_required is False
            assert not hasattr(view, "rule")
        else:
            assert view.rule == (page.rule or page.right)
            assert getattr(view, "login_required", True)


def answer(world: World, column: str, name: str, arguments: dict[str, Any], page: Page, method: str) -> str:
    """What somebody meets: "in", "login", "403", "404" or "405"; what they did is undone."""
    client = Client(raise_request_exception=False)
    if session := world.sessions.get(column):
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic():
        response = client.generic(
            method,
            reverse(name, kwargs=arguments),
            data="&".join(f"{key}={value}" for key, value in page.data.items()),
            content_type="application/x-www-form-urlencoded",
        )
        transaction.set_rollback(True)
    return _kind(response)


def _kind(response: HttpResponse) -> str:
    if response.status_code in (200, 302, 400, 409):
        to_login = response.headers.get("Location", "").startswith(f"{reverse('login')}?next=")
        return "login" if to_login else "in"
    return str(response.status_code)


def expected(page: Page, column: str, *, foreign: bool) -> set[str]:
    if page.right in (PUBLIC, EVERYONE):
        return {"in"}
    assert isinstance(page.right, Right)
    may = DOMAIN[page.right][COLUMNS.index(column)] == "✔"
    if page.right in (Right.ADMINISTER, Right.SEE_HISTORY, Right.SEE_RIGHTS_HISTORY):
        return {"403"} if not may else {"404"} if foreign and page.of_administered else {"in"}
    if foreign:
        return {"404"}
    # Where the row's own state closes it, the page may also say that there is nothing.
    return {"in"} if may else {"403", "404"} if page.rule else {"403"}


@pytest.mark.parametrize(("name", "row", "method"), ROWS)
def test_every_role_at_the_own_center(own: World, name: str, row: Page, method: str) -> None:
    met = {column: answer(own, column, name, row.arguments(own), row, method) for column in COLUMNS}
    assert [c for c in COLUMNS if met[c] not in expected(row, c, foreign=False)] == [], met


@pytest.mark.parametrize(("name", "row", "method"), ROWS)
def test_every_role_at_a_foreign_center(
    own: World, foreign: World, name: str, row: Page, method: str
) -> None:
    met = {column: answer(own, column, name, row.arguments(foreign), row, method) for column in COLUMNS}
    assert [c for c in COLUMNS if met[c] not in expected(row, c, foreign=True)] == [], met


@pytest.mark.parametrize(("name", "row", "method"), ROWS)
def test_nobody_logged_in(own: World, name: str, row: Page, method: str) -> None:
    met = answer(own, "nobody", name, row.arguments(own), row, method)
    assert met == ("in" if row.right == PUBLIC else "login")


@pytest.mark.parametrize(
    ("name", "row", "method"),
    [case for case in ROWS if "report" in dict(addresses())[case.values[0]].pattern.converters],
)
def test_the_own_center_does_not_open_what_belongs_to_a_foreign_one(
    own: World, foreign: World, name: str, row: Page, method: str
) -> None:
    """/<own>/reports/2022/<a foreign report>/ is not there, for anybody."""
    mixed = row.arguments(foreign) | {"center": own.center.code}
    met = {column: answer(own, column, name, mixed, row, method) for column in COLUMNS}
    assert set(met.values()) <= {"403", "404"}, met
    assert "404" in met.values(), "somebody had the right, and still there was nothing"
