"""A fiscal year's programme: what stands where, what is late, and what each person sees of it."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.duties import actions, calendar
from agreements.duties.calendar import Calendar
from agreements.duties.items import Item, Status
from agreements.models import (
    Agreement,
    AgreementKind,
    Bound,
    Duty,
    Ending,
    Obligation,
    Verification,
    VerificationKind,
    Way,
)
from iconm_portal.models import Center, ProposalState, ReviewState, Side, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import (
    ANNUAL,
    CONTINUOUS,
    DRAFT_PLAN,
    ONCE,
    accept_duty,
    hand_in,
    make_agreement,
    make_consultation,
    make_obligation,
    open_duty,
    return_duty,
    store,
)
from tests.builders.plans import tokyo
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 20)


@pytest.fixture
def basic(center: Center) -> Agreement:
    """In force since 2022-04-01, with one obligation of each kind."""
    agreement = make_agreement(center)
    make_obligation(agreement, documents=2)
    for what in (DRAFT_PLAN, ANNUAL, ONCE, CONTINUOUS):
        make_obligation(agreement, what)
    return agreement


def shown(center: Center, user: User, year: int = 2026, today: date = TODAY) -> Calendar:
    return calendar.load(center, user, FiscalYear(year), today=today)


def keys(items: tuple[Item, ...]) -> list[str]:
    return [f"{item.obligation.code}/{item.fiscal_year.start}" for item in items]


def item(found: Calendar, key: str) -> Item:
    return next(one for one in found.items if f"{one.obligation.code}/{one.fiscal_year.start}" == key)


def test_the_programme_of_a_year(center: Center, basic: Agreement, city_viewer: User) -> None:
    found = shown(center, city_viewer)
    # What nobody stored is due all the same: what was due in the last fiscal year comes first, and what was due by now.
    late = ["report/2024", "draft-plan/2026", "term-review/2025", "report/2025"]
    assert keys(found.dated) == [*late, "draft-plan/2027"]
    assert [one.due_on for one in found.dated[-2:]] == [date(2026, 5, 31), date(2026, 8, 31)]
    assert keys(found.undated) == ["annual/2026"]
    # What concerns the year but will be due in another one.
    assert keys(found.elsewhere) == ["report/2026"]
    assert [one.obligation.code for one in found.standing] == ["guidance"]
    assert {one.status for one in found.items} == {Status.PREVIEW}
    assert keys(found.overdue) == late
    assert found.to_store == 3  # what falls due in another year is stored with that
    # Further back it stands in the calendar of its year, which is named.
    assert found.left_behind == FiscalYear.range(FiscalYear(2022), FiscalYear(2024))
    assert keys(shown(center, city_viewer, 2024).dated) == ["report/2023", "draft-plan/2025"]


def test_forgotten_years_are_named_however_long_ago(
    center: Center, basic: Agreement, city_viewer: User, city_staff: User, foundation_staff: User
) -> None:
    """In 2031 the report for FY2021 is owed by nobody; those due from FY2022 to FY2029 were never stored, but for one."""
    settled = store(center, 2024, by=foundation_staff, on=date(2024, 4, 1))["report/2023"]
    accept_duty(open_duty(hand_in(settled, by=foundation_staff), by=city_staff), by=city_staff)
    found = shown(center, city_viewer, 2031, date(2031, 6, 20))
    years = FiscalYear.range(FiscalYear(2022), FiscalYear(2029))
    assert found.left_behind == tuple(year for year in years if year != FiscalYear(2024))


def test_what_falls_due_once_stands_in_the_year_of_its_day(
    center: Center, basic: Agreement, city_viewer: User
) -> None:
    assert "term-review/2025" in keys(shown(center, city_viewer, 2025).dated)
    assert "term-review/2026" not in keys(shown(center, city_viewer, 2026).items)


def test_duties_begin_within_the_agreements_force(
    center: Center, basic: Agreement, city_viewer: User
) -> None:
    """In force from FY2022: the report for FY2021 and the draft for FY2022, due in August 2021, are not asked for."""
    assert shown(center, city_viewer, 2021).items == ()
    assert keys(shown(center, city_viewer, 2022).items) == [
        "draft-plan/2023",
        "annual/2022",
        "report/2022",
    ]


def test_and_end_with_it(
    center: Center, basic: Agreement, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    """Ended with FY2026: what would fall due after it is not owed, the last report no more than a draft for FY2027."""
    talk = make_consultation(center, proposer=city_staff, confirmer=foundation_staff)
    with no_guards():
        Ending.objects.create(
            agreement=basic,
            ends_on=date(2027, 3, 31),
            consultation=talk,
            reason="合意",
            state=ProposalState.CONFIRMED,
            known_from=date(2026, 6, 15),
            proposed_at=tokyo(TODAY),
            proposed_by=city_staff,
            proposed_side=Side.SUPPORTER,
            confirmed_at=tokyo(TODAY),
            confirmed_by=foundation_staff,
        )
    assert keys(shown(center, city_viewer, 2026).dated)[-1] == "report/2025"
    assert keys(shown(center, city_viewer, 2027).items) == []
    assert keys(shown(center, city_viewer, 2028).items) == []


def test_an_obligation_may_begin_and_end_by_itself(center: Center, city_viewer: User) -> None:
    make_obligation(make_agreement(center), first_year=2024, last_year=2025)
    by_year = {year: keys(shown(center, city_viewer, year).items) for year in (2023, 2024, 2025, 2026, 2027)}
    assert by_year == {
        2023: [],
        2024: ["report/2024"],
        2025: ["report/2024", "report/2025"],
        2026: ["report/2024", "report/2025"],  # in the running year what is late of the last one, too
        2027: [],
    }


def test_an_unsigned_draft_asks_in_preview_only(center: Center, city_viewer: User) -> None:
    make_obligation(make_agreement(center, concluded=None))
    found = shown(center, city_viewer)
    assert [one.is_draft for one in found.items] == [True, True]
    assert (found.to_store, found.drafts, found.overdue) == (0, 2, ())


def test_overdue_first_then_by_date(
    center: Center, basic: Agreement, foundation_staff: User, city_viewer: User
) -> None:
    store(center, 2026, by=foundation_staff)
    Obligation.objects.update(first_year=2025)
    Obligation.objects.filter(code="draft-plan").update(first_year=2027)
    with no_guards():
        Obligation.objects.filter(code="term-review").delete()
    late = shown(center, city_viewer, today=date(2026, 9, 2))
    assert keys(late.dated) == ["report/2025", "draft-plan/2027"]
    assert [one.days_over for one in late.dated] == [94, 2]
    on_the_day = shown(center, city_viewer, today=date(2026, 5, 31))
    assert on_the_day.overdue == ()
    assert [one.days_left for one in on_the_day.dated] == [0, 92]
    assert keys(shown(center, city_viewer, today=date(2026, 6, 1)).overdue) == ["report/2025"]


def test_what_is_late_comes_along_into_the_current_year_only(
    center: Center, basic: Agreement, foundation_staff: User, city_viewer: User
) -> None:
    store(center, 2024, by=foundation_staff, on=date(2024, 4, 1))
    found = shown(center, city_viewer)
    assert keys(found.overdue)[:2] == ["report/2023", "draft-plan/2025"]
    assert all(one.is_stored or one.due_on >= date(2025, 4, 1) for one in found.overdue if one.due_on)
    assert "annual/2024" in keys(found.undated)
    assert keys(shown(center, city_viewer, 2027).overdue) == []


def test_an_extension_moves_the_date_and_keeps_the_first(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    report = store(center, 2026, by=foundation_staff)["report/2025"]
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    actions.extend(
        duty=report,
        version=report.version,
        due_on=date(2027, 5, 10),
        reason="監査の遅れ",
        consultation=talk,
        by=city_staff,
        at=tokyo(date(2026, 5, 20)),
    )
    for year in (2026, 2027):  # in the year of the first date as well as in that of the new one
        one = item(shown(center, city_viewer, year), "report/2025")
        assert (one.first_due, one.due_on, one.is_overdue) == (date(2026, 5, 31), date(2027, 5, 10), False)
        assert one in shown(center, city_viewer, year).dated
    assert item(shown(center, city_viewer, 2027, date(2027, 5, 11)), "report/2025").is_overdue


def test_the_last_working_day_stands_beside_the_date(
    center: Center, basic: Agreement, city_viewer: User
) -> None:
    report = item(shown(center, city_viewer), "report/2025")
    assert (report.due_on, report.last_working_day) == (date(2026, 5, 31), date(2026, 5, 29))


def test_statuses_as_staff_and_viewers_see_them(
    center: Center,
    basic: Agreement,
    foundation_staff: User,
    city_staff: User,
    city_viewer: User,
    foundation_viewer: User,
) -> None:
    report = store(center, 2026, by=foundation_staff)["report/2025"]

    def seen() -> list[tuple[Status, bool]]:
        people = (foundation_staff, city_staff, foundation_viewer, city_viewer)
        found = [item(shown(center, person), "report/2025") for person in people]
        return [(one.status, one.is_overdue) for one in found]

    assert seen() == [(Status.OPEN, True)] * 4
    hand_in(report, by=foundation_staff)
    assert seen() == [(Status.HANDED_IN, False)] * 2 + [(Status.UNSETTLED, False)] * 2
    open_duty(report, by=city_staff)
    assert seen() == [(Status.IN_REVIEW, False)] * 2 + [(Status.UNSETTLED, False)] * 2
    return_duty(report, by=city_staff)
    assert seen() == [(Status.RETURNED, True)] * 2 + [(Status.OPEN, True)] * 2
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    accept_duty(report, by=city_staff)
    assert seen() == [(Status.SETTLED, False)] * 4


def test_whose_step_is_next(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    stored = store(center, 2026, by=foundation_staff)
    report, draft, annual = (stored[key] for key in ("report/2025", "draft-plan/2027", "annual/2026"))

    def mine(user: User) -> list[str]:
        return keys(shown(center, user).mine)

    # The draft is due in August, more than two months from now; what lies before this year is of no concern here.
    Obligation.objects.filter(code="report").update(first_year=2025)
    Obligation.objects.filter(code="draft-plan").update(first_year=2027)
    with no_guards():
        Obligation.objects.filter(code="term-review").delete()
    assert mine(foundation_staff) == ["report/2025", "annual/2026"]
    assert mine(city_staff) == ["annual/2026"]
    hand_in(report, by=foundation_staff)
    hand_in(draft, by=foundation_staff)
    hand_in(annual, by=foundation_staff)
    assert mine(city_staff) == ["report/2025", "annual/2026"]
    # The foundation decides the plan itself; nothing waits for the city there.
    assert mine(foundation_staff) == ["draft-plan/2027"]
    assert mine(city_viewer) == []


def test_a_proposal_of_one_side_is_late_until_both_agree(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User
) -> None:
    annual = store(center, 2026, by=foundation_staff)["annual/2026"]
    actions.set_own_date(duty=annual, version=annual.version, due_on=date(2026, 6, 1), by=city_staff)
    hand_in(annual, by=foundation_staff)
    found = item(shown(center, city_staff), "annual/2026")
    assert (found.status, found.is_overdue, found.is_own_date) == (Status.HANDED_IN, True, True)
    accept_duty(annual, by=city_staff)
    assert not item(shown(center, city_staff), "annual/2026").is_overdue


@pytest.mark.parametrize(
    ("state", "fields", "status"),
    [
        (None, {}, Status.OPEN),
        (ReviewState.DRAFT, {}, Status.OPEN),
        (ReviewState.SUBMITTED, {"submitted": "foundation_staff"}, Status.HANDED_IN),
        (ReviewState.ACCEPTED, {"accepted": "city_staff"}, Status.SETTLED),
    ],
)
def test_an_obligation_to_verify_is_fulfilled_by_the_years_verification(
    center: Center,
    foundation_staff: User,
    city_staff: User,
    state: ReviewState | None,
    fields: dict[str, str],
    status: Status,
) -> None:
    agreement = make_agreement(center)
    make_obligation(agreement, ANNUAL, code="verify", verification=VerificationKind.SETTLEMENT)
    people = {"foundation_staff": foundation_staff, "city_staff": city_staff}
    store(center, 2026, by=foundation_staff)
    if state:
        steps: dict[str, Any] = {}
        for name, person in fields.items():
            steps |= {f"{name}_at": tokyo(TODAY), f"{name}_by": people[person]}
        with no_guards():
            Verification.objects.create(
                center=center,
                kind=VerificationKind.SETTLEMENT,
                fiscal_year=2025,
                state=state,
                known_from=TODAY if state == ReviewState.ACCEPTED else None,
                **steps,
            )
    assert item(shown(center, foundation_staff), "verify/2025").status is status


def test_missing_documents_are_named_to_those_who_put_them_together(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    store(center, 2026, by=foundation_staff)
    found = {
        user.username: [one.name for one in item(shown(center, user), "report/2025").missing]
        for user in (foundation_staff, city_staff, city_viewer)
    }
    assert found == {"foundation-staff": ["書類1", "書類2"], "city-staff": [], "city-viewer": []}


def test_other_centers_duties_are_not_there(
    center: Center, foreign_center: Center, basic: Agreement, foreign_city_staff: User
) -> None:
    assert shown(foreign_center, foreign_city_staff).items == ()


def test_one_duty_by_its_codes(center: Center, basic: Agreement, city_viewer: User) -> None:
    def found(agreement: str, obligation: str, year: int) -> Item | None:
        return calendar.find(
            center,
            city_viewer,
            agreement=agreement,
            place=obligation,
            year=FiscalYear(year),
            today=TODAY,
        )

    assert str(found("basic", "report", 2025)) == "事業報告書と収支決算書の提出（令和7年度分）"
    assert found("basic", "report", 2021) is None
    assert found("basic", "none", 2025) is None
    assert found("none", "report", 2025) is None


def test_the_number_of_queries_does_not_grow(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = shown(center, foundation_staff)
            for one in found.items:
                assert one.missing is not None
                assert one.last_working_day or not one.due_on
                assert str(one.obligation.provision or "") is not None
        return len(captured)

    first = make_agreement(center)
    make_obligation(first, documents=2)
    store(center, 2026, by=foundation_staff)
    before = queries()
    for number in range(3):
        more = make_agreement(center, code=f"more-{number}", kind=AgreementKind.RESEARCH_SUPPORT)
        for kind in range(4):
            make_obligation(more, code=f"o{kind}", documents=2)
            make_obligation(more, ANNUAL, code=f"j{kind}", bound=Bound.BOTH, way=Way.JOINT)
    store(center, 2026, by=foundation_staff)
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    for duty in Duty.objects.filter(due_on__isnull=False)[:4]:
        actions.extend(
            duty=duty,
            version=duty.version,
            due_on=date(2027, 6, 30),
            reason="延長",
            consultation=talk,
            by=city_staff,
            at=tokyo(TODAY),
        )
    assert len(shown(center, foundation_staff).items) > 20
    assert queries() == before <= 14


def test_a_year_is_verified_after_it_has_ended(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    """Without a date it belongs to the programme of the following year."""
    agreement = make_agreement(center)
    make_obligation(agreement, ANNUAL, code="verify", verification=VerificationKind.KPI)
    store(center, 2026, by=foundation_staff)
    found = shown(center, city_staff)
    assert keys(found.undated) == keys(found.mine) == ["verify/2025"]
    assert keys(found.elsewhere) == ["verify/2026"]
    store(center, 2027, by=foundation_staff)
    assert keys(shown(center, city_staff).mine) == ["verify/2025"]
    assert keys(shown(center, city_staff, 2027, date(2027, 4, 1)).mine) == ["verify/2025", "verify/2026"]


def test_what_was_handed_in_is_not_what_falls_due_next(
    center: Center, basic: Agreement, foundation_staff: User, city_viewer: User
) -> None:
    """The draft plan waits to be decided, and nobody has to hand it in a second time by its date."""
    duty = store(center, 2026, by=foundation_staff)["draft-plan/2027"]
    for reader in (foundation_staff, city_viewer):
        found = shown(center, reader)
        assert found.next_due is not None
        assert keys((found.next_due,)) == ["draft-plan/2027"]
    hand_in(duty, by=foundation_staff)
    for reader in (foundation_staff, city_viewer):
        assert shown(center, reader).next_due is None
