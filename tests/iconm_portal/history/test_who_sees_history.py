"""The history of what one may see: drafts stay with the side that drafts, auditors see all, administrators see rights."""

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Consultation
from finance.ledger import closing_actions
from finance.models import YearClosing
from iconm_portal.history import seen_by
from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.people import actions as people
from iconm_portal.people import known_history
from iconm_portal.settlement.steps import TABLES
from kpi.papers import actions as packs
from tests.builders import ledger, records
from tests.builders.agreements import make_all
from tests.builders.finance import make_accounts
from tests.builders.packs import make_pack
from tests.builders.plans import accept, make_plan, make_submitted, tokyo
from tests.builders.proposals import make_target_draft
from tests.days import AT, TODAY
from tests.people import client_of, make_organisation, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


@pytest.fixture
def outside(center: Center) -> User:
    """An auditor of an office that is no party."""
    office = make_organisation("audit-office", "監査事務所")
    center.auditors.add(office)
    return make_person("auditor", office, Role.AUDITOR)


@pytest.fixture
def everyone(
    city_viewer: User,
    city_staff: User,
    foundation_viewer: User,
    foundation_staff: User,
    administrator: User,
    outside: User,
    foreign_city_staff: User,
) -> dict[str, User]:
    own_auditor = make_person("city-auditor", city_staff.organisation, Role.AUDITOR)
    people = (
        city_viewer,
        city_staff,
        foundation_viewer,
        foundation_staff,
        administrator,
        outside,
        own_auditor,
        foreign_city_staff,
    )
    return {person.username: person for person in people}


AUDITORS = {"auditor", "city-auditor"}
STAFF = {"city-staff", "foundation-staff"}
PARTIES = STAFF | {"city-viewer", "foundation-viewer"}


def who_sees(everyone: dict[str, User], action: str, **of: Any) -> set[str]:
    assert HistoryEvent.objects.filter(action=action, **of).exists()
    return {
        name
        for name, person in everyone.items()
        if known_history.events(person).filter(action=action, **of).exists()
    }


def test_of_a_report_each_sees_what_they_saw_of_it(
    everyone: dict[str, User], center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, targets={"trials": 10})
    report = make_submitted(plan, 2025, {"trials": 9}, by=foundation_staff)
    assert who_sees(everyone, "report.save") == {"foundation-staff"} | AUDITORS
    assert who_sees(everyone, "report.submit") == STAFF | AUDITORS
    accept(report, reviewer=city_staff)
    assert who_sees(everyone, "report.accept") == PARTIES | AUDITORS
    assert who_sees(everyone, "report.save") == {"foundation-staff"} | AUDITORS, "what was typed stays there"


def test_a_draft_of_what_both_settle_is_for_both_staffs(
    everyone: dict[str, User], center: Center, city_staff: User
) -> None:
    plan = make_plan(center, years=(2024, 2027), targets={"patents": 5})
    make_target_draft(plan, {("patents", 2027): 12}, by=city_staff, talk=None)
    assert who_sees(everyone, "target_proposal.save") == STAFF | AUDITORS


def test_papers_that_the_city_prepares_are_its_own_until_they_are_frozen(
    everyone: dict[str, User], center: Center, city_staff: User
) -> None:
    make_plan(center, targets={"trials": 10})
    pack = make_pack(center, by=city_staff, as_of=TODAY, at=AT)
    assert who_sees(everyone, "pack.start") == {"city-staff"} | AUDITORS
    packs.freeze(pack=pack, version=pack.version, by=city_staff, at=AT)
    assert who_sees(everyone, "pack.freeze") == PARTIES | AUDITORS


def test_the_ledger_of_an_open_year_is_the_foundations_and_of_a_closed_one_everyones(
    everyone: dict[str, User], center: Center, city_staff: User, foundation_staff: User
) -> None:
    make_accounts(center)
    ledger.post(center, day=date(2025, 6, 1), by=foundation_staff)
    assert who_sees(everyone, "entry.post") == {"foundation-staff"} | AUDITORS
    ledger.close(center, by=foundation_staff)
    assert who_sees(everyone, "entry.post") == PARTIES | AUDITORS
    assert who_sees(everyone, "year.close") == PARTIES | AUDITORS
    closing = YearClosing.objects.get()
    closing_actions.reopen_year(
        center=center, fiscal_year=closing.fiscal_year, reason="誤り", by=city_staff, at=AT
    )
    assert who_sees(everyone, "entry.post") == {"foundation-staff"} | AUDITORS
    assert who_sees(everyone, "year.reopen") == PARTIES | AUDITORS


def test_what_is_open_to_all_parties(everyone: dict[str, User], center: Center, city_staff: User) -> None:
    records.make_category(center, "lectures")
    make_all(center, city=city_staff, foundation=everyone["foundation-staff"])
    assert who_sees(everyone, "consultation.confirm") == PARTIES | AUDITORS
    proposed = Consultation.objects.get(center=center, state="proposed")
    of_it = {"subject": proposed.history_key()}
    assert who_sees(everyone, "consultation.propose", **of_it) == STAFF | AUDITORS


def test_people_and_rights_are_for_administrators_and_auditors(
    everyone: dict[str, User], administrator: User, city_viewer: User
) -> None:
    people.deactivate_person(person=city_viewer, by=administrator)
    assert who_sees(everyone, "person.deactivate") == {"administrator"} | AUDITORS


def test_administrators_see_no_event_of_a_center(
    everyone: dict[str, User], center: Center, administrator: User, foundation_staff: User
) -> None:
    make_submitted(make_plan(center, targets={"trials": 10}), 2025, {"trials": 9}, by=foundation_staff)
    assert not known_history.events(administrator).exclude(center="").exists()


def test_a_dismissed_or_foreign_auditor_sees_nothing(center: Center, outside: User) -> None:
    center.auditors.clear()
    make_plan(center)
    person = User.objects.get(pk=outside.pk)
    assert client_of(person).get(f"/{center.code}/").status_code == 404
    assert not known_history.events(person).filter(center=center.code).exists()


def test_what_nobody_declared_is_for_auditors_alone(everyone: dict[str, User], center: Center) -> None:
    HistoryEvent.objects.create(
        action="novelty.make", actor="city-staff", center=center.code, subject="x", subject_label="x"
    )
    assert who_sees(everyone, "novelty.make") == AUDITORS


def test_every_kind_of_thing_that_takes_steps_says_who_sees_its_history() -> None:
    assert {table.code for table in TABLES if not seen_by.is_declared(f"{table.code}.x")} == set()


# Taking it away


def body(reader: User, name: str, **query: str) -> str:
    return read(client_of(reader), name, **query)


def read(client: Client, name: str, **query: str) -> str:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_each_takes_away_what_they_see(
    center: Center, outside: User, city_viewer: User, foundation_staff: User, administrator: User
) -> None:
    plan = make_plan(center, targets={"trials": 10})
    make_submitted(plan, 2025, {"trials": 9}, by=foundation_staff)
    people.deactivate_person(person=city_viewer, by=administrator, reason="=cmd|' /C calc'!A0")
    rows = list(csv.DictReader(io.StringIO(body(outside, "history_csv"))))
    assert [row["番号"] for row in rows] == [
        str(key) for key in known_history.events(outside).order_by("at", "pk").values_list("pk", flat=True)
    ]
    submitted = next(row for row in rows if row["操作コード"] == "report.submit")
    assert (submitted["ユーザー名"], submitted["操作"]) == ("foundation-staff", "提出")
    assert not any(value.startswith("=") for row in rows for value in row.values())
    lines = [json.loads(line) for line in body(outside, "history_json").splitlines()]
    assert [line["number"] for line in lines] == [int(row["番号"]) for row in rows]
    assert next(line for line in lines if line["action"] == "person.deactivate")["after"] == {
        "is_active": False
    }
    seen = [line["action"] for line in map(json.loads, body(administrator, "history_json").splitlines())]
    assert seen == ["person.deactivate"]


def test_what_is_taken_away_is_what_was_asked_for(
    center: Center, outside: User, foundation_staff: User
) -> None:
    make_submitted(make_plan(center, targets={"trials": 10}), 2025, {"trials": 9}, by=foundation_staff)
    assert body(outside, "history_json", person="foundation-staff")
    assert body(outside, "history_json", end="2000-01-01") == ""
    assert client_of(outside).get(reverse("history_json"), {"begin": "nonsense"}).status_code == 400


@pytest.mark.parametrize("name", ["history_csv", "history_json"])
def test_taking_it_away_costs_the_same_however_much_there_is(
    center: Center, outside: User, name: str, django_assert_max_num_queries: Any
) -> None:
    events = [
        HistoryEvent(action="report.save", actor="x", center=center.code, subject="s", subject_label="s")
        for _number in range(2_500)
    ]
    HistoryEvent.objects.bulk_create(events)
    client = client_of(outside)
    with django_assert_max_num_queries(10):
        assert read(client, name).count("report.save") == 2_500


# The page


@pytest.mark.parametrize(
    "who", ["city_viewer", "city_staff", "foundation_viewer", "foundation_staff", "outside"]
)
def test_the_navigation_leads_there_from_the_center_and_back(
    who: str, request: pytest.FixtureRequest, center: Center
) -> None:
    client = client_of(request.getfixturevalue(who))
    make_plan(center)
    assert 'href="/history/"' in client.get("/lab/").content.decode()
    page = client.get("/history/").content.decode()
    assert 'href="/lab/agreements/"' in page
    assert "履歴" in page


def test_an_event_may_be_of_a_day_and_a_person(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    records.make_category(center, "lectures")
    plan = make_plan(center, targets={"trials": 10})
    make_submitted(plan, 2025, {"trials": 9}, by=foundation_staff, at=tokyo(date(2026, 5, 1)))
    page = client_of(city_staff).get("/history/", {"person": "foundation-staff"})
    assert {event.actor for event in page.context["table"].data} == {"foundation-staff"}
