"""The calendar feed by secret address: who gets it, what it says, and that two parsers read it alike."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import icalendar
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.duties import actions as dutie_actions
from agreements.duties import feed_actions
from agreements.models import Agreement, CalendarFeed, Duty
from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.people import account_actions
from iconm_portal.people import actions as people
from tests.builders.agreements import (
    ANNUAL,
    DRAFT_PLAN,
    accept_duty,
    hand_in,
    make_agreement,
    make_consultation,
    make_obligation,
    open_duty,
    store,
)
from tests.builders.plans import tokyo
from tests.people import LogIn, make_center

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 20)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(tokyo(TODAY), tick=False):
        yield


@pytest.fixture
def basic(center: Center) -> Agreement:
    agreement = make_agreement(center)
    make_obligation(agreement, title="報告書, 決算書; 「写し」の提出" + "と説明" * 20)
    make_obligation(agreement, DRAFT_PLAN)
    make_obligation(agreement, ANNUAL)
    return agreement


@pytest.fixture
def report(center: Center, basic: Agreement, foundation_staff: User) -> Duty:
    return store(center, 2026, by=foundation_staff)["report/2025"]


def address_of(person: User) -> str:
    return f"/calendar/{feed_actions.issue(by=person, at=tokyo(TODAY))}.ics"


def fetched(address: str, **headers: str) -> bytes:
    response = Client().get(address, headers=headers)
    assert response.status_code == 200
    return response.content


def events(body: bytes) -> dict[str, icalendar.Event]:
    """By uid, as the library reads them back."""
    return {str(event["uid"]): event for event in icalendar.Calendar.from_ical(body).walk("VEVENT")}


def read_plainly(body: bytes) -> list[dict[str, str]]:
    """The events by a reader of our own that knows nothing but RFC 5545: folding, `name;parameters:value`, escapes."""
    text = body.decode()
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    found: list[dict[str, str]] = []
    within: list[str] = []
    for line in re.sub(r"\r\n[ \t]", "", text).split("\r\n"):
        name, _colon, value = line.partition(":")
        if name == "BEGIN":
            within.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            assert within.pop() == value
        elif within and within[-1] == "VEVENT":
            unescaped = re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)
            found[-1][name] = unescaped
    assert within == []
    return found


# -- What it says --


def test_both_readers_read_the_same(report: Duty, foundation_staff: User) -> None:
    body = fetched(address_of(foundation_staff))
    plain = {one["UID"]: one for one in read_plainly(body)}
    by_library = events(body)
    assert set(plain) == set(by_library)
    for uid, event in by_library.items():
        assert plain[uid]["SUMMARY"] == str(event["summary"])
        assert plain[uid]["DESCRIPTION"] == str(event["description"])
        start, end = event.decoded("dtstart"), event.decoded("dtend")
        assert plain[uid]["DTSTART;VALUE=DATE"] == f"{start:%Y%m%d}"
        assert end == start + timedelta(days=1)
        assert {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS", "URL"} <= set(plain[uid])


def test_stored_duties_and_previews(report: Duty, foundation_staff: User) -> None:
    found = events(fetched(address_of(foundation_staff)))
    said = {
        uid.partition("@")[0]: (event.decoded("dtstart"), str(event["status"]))
        for uid, event in found.items()
    }
    assert said == {
        "lab.basic.report.2024": (date(2025, 5, 31), "TENTATIVE"),  # stored by nobody, late all the same
        "lab.basic.draft-plan.2026": (date(2025, 8, 31), "TENTATIVE"),
        "lab.basic.report.2025": (date(2026, 5, 31), "CONFIRMED"),
        "lab.basic.draft-plan.2027": (date(2026, 8, 31), "CONFIRMED"),
        "lab.basic.report.2026": (date(2027, 5, 31), "TENTATIVE"),
        "lab.basic.draft-plan.2028": (date(2027, 8, 31), "TENTATIVE"),
    }
    summary = str(found["lab.basic.report.2025@duties.iconm-portal"]["summary"])
    assert summary.startswith("報告書, 決算書; 「写し」の提出")
    assert summary.endswith("（令和7年度分） lab")


def test_drafts_are_marked(center: Center, city_viewer: User) -> None:
    make_obligation(make_agreement(center, concluded=None))
    found = events(fetched(address_of(city_viewer)))
    assert found
    assert {str(event["status"]) for event in found.values()} == {"TENTATIVE"}
    assert all(str(event["summary"]).startswith("【") for event in found.values())


def test_an_extended_duty_moves_and_keeps_its_uid(
    center: Center, report: Duty, foundation_staff: User, city_staff: User
) -> None:
    address, uid = address_of(foundation_staff), "lab.basic.report.2025@duties.iconm-portal"
    before = events(fetched(address))[uid]
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    dutie_actions.extend(
        duty=report,
        version=report.version,
        due_on=date(2026, 7, 31),
        reason="監査の遅れ",
        consultation=talk,
        by=city_staff,
        at=tokyo(TODAY),
    )
    after = events(fetched(address))[uid]
    assert after.decoded("dtstart") == date(2026, 7, 31)
    assert after["sequence"] > before["sequence"]
    assert after.decoded("last-modified") > before.decoded("last-modified")


def test_a_preview_that_is_stored_stays_the_same_event(
    center: Center, basic: Agreement, foundation_staff: User
) -> None:
    address = address_of(foundation_staff)
    before = events(fetched(address))
    store(center, 2026, by=foundation_staff)
    after = events(fetched(address))
    uid = "lab.basic.draft-plan.2027@duties.iconm-portal"
    assert (before[uid]["status"], after[uid]["status"]) == ("TENTATIVE", "CONFIRMED")
    assert after[uid]["sequence"] > before[uid]["sequence"]
    assert len([one for one in after if one.startswith("lab.basic.draft-plan.2027@")]) == 1


def test_only_the_bound_side_is_alarmed_and_only_while_it_is_open(
    report: Duty, foundation_staff: User, city_staff: User, foundation_viewer: User
) -> None:
    uid = "lab.basic.report.2025@duties.iconm-portal"

    def alarms(person: User) -> int:
        return len(events(fetched(address_of(person)))[uid].walk("VALARM"))

    assert [alarms(one) for one in (foundation_staff, city_staff, foundation_viewer)] == [1, 0, 0]
    hand_in(report, by=foundation_staff)
    assert alarms(foundation_staff) == 0
    accept_duty(open_duty(report, by=city_staff), by=city_staff)
    assert str(events(fetched(address_of(foundation_staff)))[uid]["summary"]).startswith("【")


def test_a_viewer_reads_no_more_than_on_the_page(
    report: Duty, foundation_staff: User, city_viewer: User, city_staff: User
) -> None:
    hand_in(report, by=foundation_staff)
    uid = "lab.basic.report.2025@duties.iconm-portal"
    by_staff = str(events(fetched(address_of(city_staff)))[uid]["description"])
    by_viewer = str(events(fetched(address_of(city_viewer)))[uid]["description"])
    assert by_staff != by_viewer


def test_other_centers_are_not_in_it(report: Duty, foreign_center: Center, foreign_city_staff: User) -> None:
    assert events(fetched(address_of(foreign_city_staff))) == {}


def test_all_the_persons_centers_are_in_it(
    report: Duty, center: Center, foreign_center: Center, foundation_staff: User
) -> None:
    second = make_center("second", foreign_center.supporter, center.operator)
    make_obligation(make_agreement(second))
    found = {uid.partition(".")[0] for uid in events(fetched(address_of(foundation_staff)))}
    assert found == {"lab", "second"}


# -- The address --


def test_it_needs_no_login_and_only_its_digest_is_kept(report: Duty, foundation_staff: User) -> None:
    address = address_of(foundation_staff)
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    feed = CalendarFeed.objects.get()
    assert secret not in str(feed.__dict__)
    assert len(secret) >= 43  # 256 bits
    response = Client().get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "private" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("secret", ["x", "0" * 43, "a" * 300])
def test_what_was_never_issued_is_not_there(report: Duty, secret: str) -> None:
    assert Client().get(f"/calendar/{secret}.ics").status_code == 404


def test_a_new_address_closes_the_one_before(report: Duty, foundation_staff: User) -> None:
    first, second = address_of(foundation_staff), address_of(foundation_staff)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_revoked_and_deactivated_get_nothing(report: Duty, foundation_staff: User) -> None:
    address = address_of(foundation_staff)
    User.objects.filter(pk=foundation_staff.pk).update(is_active=False)
    assert Client().get(address).status_code == 404
    User.objects.filter(pk=foundation_staff.pk).update(is_active=True)
    assert feed_actions.revoke(by=foundation_staff, at=tokyo(TODAY))
    assert Client().get(address).status_code == 404
    assert not feed_actions.revoke(by=foundation_staff, at=tokyo(TODAY))


def deactivated_and_reactivated(*, person: User, by: User) -> None:
    people.deactivate_person(person=person, by=by)
    account_actions.reactivate_person(person=person, by=by)


@pytest.mark.parametrize(
    "ends", [account_actions.reset_password, people.deactivate_person, deactivated_and_reactivated]
)
def test_it_ends_with_a_reset_and_with_the_account_and_does_not_come_back(
    ends: Callable[..., object], report: Duty, foundation_staff: User, administrator: User
) -> None:
    address = address_of(foundation_staff)
    ends(person=foundation_staff, by=administrator)
    User.objects.filter(pk=foundation_staff.pk).update(is_active=True)
    assert Client().get(address).status_code == 404
    ended = HistoryEvent.objects.get(action="calendar_address.revoke")
    assert (ended.actor, ended.subject) == ("administrator", foundation_staff.history_key())


def test_it_stays_with_a_password_of_ones_own_choice(report: Duty, foundation_staff: User) -> None:
    address = address_of(foundation_staff)
    account_actions.choose_password(person=foundation_staff, password="another one", by=foundation_staff)
    assert Client().get(address).status_code == 200


def test_who_becomes_an_administrator_sees_no_centers_duties(report: Duty, foundation_staff: User) -> None:
    address = address_of(foundation_staff)
    User.objects.filter(pk=foundation_staff.pk).update(role=Role.ADMINISTRATOR)
    assert events(fetched(address)) == {}


def test_an_unchanged_calendar_is_not_sent_again(report: Duty, foundation_staff: User) -> None:
    address = address_of(foundation_staff)
    first = Client().get(address)
    again = Client().get(address, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with time_machine.travel(tokyo(TODAY + timedelta(days=3)), tick=False):
        later = Client().get(address, headers={"if-none-match": first.headers["ETag"]})
    assert later.status_code == 304  # nothing in it depends on the moment
    hand_in(report, by=foundation_staff)
    changed = Client().get(address, headers={"if-none-match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_page_shows_the_address_once(center: Center, log_in: LogIn, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    client.cookies["django_language"] = "en"
    assert "You have no address yet." in client.get("/lab/calendar/subscription/").content.decode()
    response = client.post("/lab/calendar/subscription/issue/")
    (address,) = re.findall(r"http://testserver(/calendar/[\w-]+\.ics)", response.content.decode())
    assert "no-store" in response.headers["Cache-Control"]
    assert Client().get(address).status_code == 200
    page = client.get("/lab/calendar/subscription/").content.decode()
    assert "You have an address since 20 June 2026" in page
    assert "/calendar/" + address.split("/")[-1] not in page
    client.post("/lab/calendar/subscription/revoke/")
    assert Client().get(address).status_code == 404
    actions = list(HistoryEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["calendar_address.issue", "calendar_address.revoke"]


def test_looking_issues_nothing(center: Center, log_in: LogIn, foundation_staff: User) -> None:
    for page in ("", "issue/", "revoke/"):
        log_in(foundation_staff).get(f"/lab/calendar/subscription/{page}")
    assert not CalendarFeed.objects.exists()


def test_the_number_of_queries_does_not_grow(
    report: Duty, center: Center, basic: Agreement, foundation_staff: User
) -> None:
    address = address_of(foundation_staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            fetched(address)
        return len(captured)

    before = queries()
    for number in range(5):
        make_obligation(basic, code=f"more-{number}", documents=2)
    store(center, 2026, by=foundation_staff)
    store(center, 2027, by=foundation_staff)
    assert queries() == before
