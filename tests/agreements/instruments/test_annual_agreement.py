"""年度協定: terms that one side proposes and the other confirms, then the signing."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agreements.instruments import agreements, annual_actions, ending_actions, steps
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.instruments.conclusions.actions import record_conclusion
from agreements.instruments.state import State
from agreements.models import Agreement, AgreementKind, Party
from agreements.pages import todo
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, ProposalState, Role, Side, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, proposed_annual, proposed_ending, terms
from tests.days import AT, TODAY
from tests.people import LogIn, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


@pytest.fixture
def support(center: Center) -> Agreement:
    made = make_agreement(center, code="support", kind=AgreementKind.RESEARCH_SUPPORT)
    Party.objects.create(agreement=made, side=Side.SUPPORTER, name="臨海市", representative="市長")
    return made


def version(agreement: Agreement) -> int:
    return agreement.editions.get().version


def test_terms_are_proposed_confirmed_and_signed(
    support: Agreement, city_staff: User, foundation_staff: User
) -> None:
    made = proposed_annual(support, by=city_staff)
    assert (made.code, made.parent, made.contribution) == ("support-2026", support, 110_000_000)
    assert made.fiscal_year == FiscalYear(2026)
    assert made.parties.get().name == "臨海市"
    with pytest.raises(ValidationError):
        record_conclusion(agreement=made, concluded_on="2026-04-01", by=city_staff, at=AT)
    annual_actions.confirm(agreement=made, version=version(made), by=foundation_staff, at=AT)
    assert made.editions.get().state == ProposalState.CONFIRMED
    assert agreements.state_of(made, TODAY) is State.DRAFT
    signed = record_conclusion(agreement=made, concluded_on="2026-04-01", by=city_staff, at=AT)
    assert agreements.state_of(Agreement.objects.get(pk=made.pk), TODAY) is State.DRAFT
    conclusion_actions.confirm(conclusion=signed, version=signed.version, by=foundation_staff, at=AT)
    assert agreements.state_of(Agreement.objects.get(pk=made.pk), TODAY) is State.IN_FORCE
    assert agreements.state_of(Agreement.objects.get(pk=made.pk), date(2027, 4, 1)) is State.ENDED
    actions = list(HistoryEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["agreement.propose", "agreement.confirm", "conclusion.propose", "conclusion.confirm"]


def test_nobody_settles_both_sides(support: Agreement, city_staff: User, foundation_staff: User) -> None:
    made = proposed_annual(support, by=city_staff)
    colleague = make_person("city-colleague", support.center.supporter, Role.STAFF)
    for person, refusal in ((city_staff, SamePerson), (colleague, SameSide)):
        with pytest.raises(refusal):
            annual_actions.confirm(agreement=made, version=version(made), by=person, at=AT)
    with pytest.raises(ValidationError):
        annual_actions.take_back(agreement=made, version=version(made), by=foundation_staff)


def test_declined_terms_are_changed_by_either_side(
    support: Agreement, city_staff: User, foundation_staff: User
) -> None:
    made = proposed_annual(support, by=city_staff)
    annual_actions.decline(
        agreement=made, version=version(made), reason="額が足りない", by=foundation_staff, at=AT
    )
    with pytest.raises(Conflict):
        annual_actions.change(
            agreement=made, version=1, terms=terms(contribution=1), by=foundation_staff, at=AT
        )
    made.refresh_from_db()
    assert made.contribution == 110_000_000
    annual_actions.change(
        agreement=made,
        version=version(made),
        terms=terms(contribution=120_000_000),
        by=foundation_staff,
        at=AT,
    )
    annual_actions.confirm(agreement=made, version=version(made), by=city_staff, at=AT)
    made.refresh_from_db()
    assert made.contribution == 120_000_000
    event = HistoryEvent.objects.filter(action="agreement.propose").latest("pk")
    assert (event.before, event.after) == ({"contribution": 110_000_000}, {"contribution": 120_000_000})
    with pytest.raises(WrongStep):
        annual_actions.change(agreement=made, version=version(made), terms=terms(), by=city_staff, at=AT)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_on": date(2026, 3, 31)}, "starts_on"),
        ({"ends_on": date(2027, 4, 1)}, "ends_on"),
        ({"starts_on": date(2026, 10, 1), "ends_on": date(2026, 9, 30)}, "ends_on"),
        ({"contribution": -1}, "__all__"),
        ({"title": ""}, "title"),
    ],
)
def test_impossible_terms_are_refused(
    support: Agreement, city_staff: User, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        proposed_annual(support, by=city_staff, **wrong)
    assert field in refused.value.message_dict
    assert Agreement.objects.count() == 1


def test_the_year_lies_within_the_parents_term(center: Center, city_staff: User) -> None:
    short = make_agreement(
        center, code="short", kind=AgreementKind.RESEARCH_SUPPORT, ends_on=date(2026, 12, 31)
    )
    for year in (2021, 2026):
        with pytest.raises(ValidationError):
            proposed_annual(short, by=city_staff, year=year)


def test_a_year_has_one_annual_agreement(
    support: Agreement, city_staff: User, foundation_staff: User
) -> None:
    proposed_annual(support, by=city_staff)
    with pytest.raises(ValidationError) as refused:
        proposed_annual(support, by=foundation_staff)
    assert "fiscal_year" in refused.value.message_dict


def test_only_under_a_support_agreement_that_is_not_over(center: Center, city_staff: User) -> None:
    basic = make_agreement(center)
    over = make_agreement(center, code="over", kind=AgreementKind.RESEARCH_SUPPORT, ends_on=date(2025, 3, 31))
    for parent in (basic, over):
        with pytest.raises(WrongStep):
            proposed_annual(parent, by=city_staff)


def test_one_that_cannot_begin_any_more_is_not_confirmed(
    support: Agreement, city_staff: User, foundation_staff: User
) -> None:
    """Terms for R9 are before the other side when both agree that the agreement above them ends on R8.12.31."""
    made = proposed_annual(support, by=city_staff, year=2027)
    ending = proposed_ending(
        support, by=city_staff, confirmed_by=foundation_staff, ends_on=date(2026, 12, 31)
    )
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=AT)
    with pytest.raises(ValidationError, match="基になる協定がそれより前に終わります。"):
        annual_actions.confirm(agreement=made, version=version(made), by=foundation_staff, at=AT)
    assert made.editions.get().state == ProposalState.PROPOSED


def test_under_an_agreement_that_will_never_be_in_force_nothing_is_offered(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    above = make_agreement(center, code="above")
    made = make_agreement(
        center,
        code="next",
        kind=AgreementKind.RESEARCH_SUPPORT,
        parent=above,
        starts_on=date(2027, 4, 1),
        concluded=date(2026, 11, 10),
    )

    def offered() -> steps.AgreementSteps:
        (entry,) = [one for one in agreements.load(center, day=TODAY).entries if one.agreement == made]
        return steps.steps(entry, city_staff)

    assert (offered().add_annual, offered().propose_ending, offered().give_notice) == (True, True, True)
    ending = proposed_ending(above, by=city_staff, confirmed_by=foundation_staff, ends_on=date(2026, 12, 31))
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=AT)
    assert (offered().add_annual, offered().propose_ending, offered().give_notice) == (False, False, False)


@pytest.mark.parametrize("who", ["city_viewer", "administrator", "foreign_foundation_staff"])
def test_only_the_two_staffs_propose(support: Agreement, request: pytest.FixtureRequest, who: str) -> None:
    with pytest.raises(PermissionDenied):
        proposed_annual(support, by=request.getfixturevalue(who))


# The pages

TYPED = {
    "fiscal_year": "2026",
    "title": "令和8年度の年度協定書",
    "short_title": "年度協定（令和8年度）",
    "starts_on": "令和8年4月1日",
    "ends_on": "R9.3.31",
    "contribution": "110,000",
    "content": "支援体制を保つ。",
    "version": "0",
}


@pytest.mark.usefixtures("support")
def test_both_sides_settle_it_in_their_browsers(
    log_in: LogIn, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    answer = foundation.post("/lab/agreements/support/annual/", TYPED)
    page = "/lab/agreements/support-2026/"
    assert answer["Location"] == page
    assert log_in(city_viewer).get(page).status_code == 404
    assert page not in log_in(city_viewer).get("/lab/agreements/").content.decode()
    assert "110,000,000" in city.get(page).content.decode()
    assert city.post(f"{page}terms/decline/", {"version": 1}).status_code == 400
    assert city.post(f"{page}terms/decline/", {"version": 1, "reason": "予算の上限"}).status_code == 302
    assert "予算の上限" in foundation.get(page).content.decode()
    changed = TYPED | {"contribution": "100,000", "version": "2"}
    assert foundation.post(f"{page}terms/", changed).status_code == 302
    assert foundation.post(f"{page}terms/", changed).status_code == 409
    assert city.post(f"{page}terms/confirm/", {"version": 2}).status_code == 409
    assert city.post(f"{page}terms/confirm/", {"version": 3}).status_code == 302
    assert "100,000,000" in log_in(city_viewer).get(page).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"contribution": "いくらか"},
        {"contribution": "-1"},
        {"ends_on": "2028-03-31"},
        {"fiscal_year": "1850"},
    ],
)
@pytest.mark.usefixtures("support")
def test_refused_input_stays_in_the_form(
    log_in: LogIn, foundation_staff: User, wrong: dict[str, str]
) -> None:
    answer = log_in(foundation_staff).post("/lab/agreements/support/annual/", TYPED | wrong)
    assert answer.status_code == 400
    assert "支援体制を保つ。" in answer.content.decode()
    assert Agreement.objects.count() == 1


def test_proposed_terms_wait_for_the_other_side(
    support: Agreement, city_staff: User, foundation_staff: User
) -> None:
    proposed_annual(support, by=city_staff)
    tasks = todo.tasks(foundation_staff, support.center, today=TODAY)
    assert [task.url for task in tasks] == ["/lab/agreements/support-2026/"]
    assert todo.tasks(city_staff, support.center, today=TODAY) == []
