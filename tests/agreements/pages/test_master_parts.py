"""The staff of both sides enter an agreement's parties, its support measures, and summaries of its provisions."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from agreements.models import (
    Agreement,
    AmountStage,
    LandGround,
    LandJudgement,
    LimitRule,
    MeasureChange,
    MeasureOutcome,
    Party,
    Provision,
    ReportedFact,
    SupportAmount,
    SupportKind,
    SupportMeasure,
)
from agreements.pages.master import measure_actions, party_actions, summary_actions
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import Center, HistoryEvent, Side, User
from iconm_portal.values.fiscal import FiscalYear
from tests.agreements.pages.test_master_data import AGREEMENT, NEW, OBLIGATION, as_typed, errors, send
from tests.builders.agreements import (
    conclude,
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
)
from tests.builders.editions import make_amendment, make_worded
from tests.builders.plans import tokyo
from tests.builders.support import make_land, make_measure
from tests.people import client_of
from tests.unguarded import no_guards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DRAFT = "/lab/master/agreements/draft/"
CITY = f"{DRAFT}parties/supporter/"
MEASURES = f"{DRAFT}measures/"
PROVISIONS = f"{DRAFT}provisions/"
MEASURE: dict[str, Any] = {
    "code": "grant",
    "title": "研究支援負担金",
    "kind": "contribution",
    "first_year": "R9",
    "last_year": "R13",
    "limit_rule": "period_total",
    "total": "500,000",
    "conditions": "市の予算の範囲内。",
}
SUMMARY: dict[str, Any] = {"number": "第１条", "heading": "目的", "summary": "連携の目的を定める。"}


@pytest.fixture
def client(city_staff: User) -> Client:
    client = client_of(city_staff)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def draft(center: Center) -> Agreement:
    made = make_agreement(center, code="draft", concluded=None)
    make_edition(made)
    return made


def test_an_agreement_is_entered_whole_through_the_browser(client: Client, center: Center) -> None:
    """From nothing to an obligation and a measure that are tied to a provision."""
    send(client, NEW, AGREEMENT | {"code": "draft"})
    assert send(client, CITY, as_typed(client, CITY, representative="市長 架空花子")).status_code == 302
    for typed in (SUMMARY, SUMMARY | {"number": "2", "heading": "負担"}):
        page = f"{PROVISIONS}new/"
        assert send(client, page, as_typed(client, page) | typed).status_code == 302
    below = f"{PROVISIONS}new/?within=art2"
    assert client.get(below).context["form"]["number"].value() == "1"
    assert send(client, below, as_typed(client, below, summary="市は負担金を支払う。")).status_code == 302
    rows = list(Provision.objects.values_list("key", "label", "position"))
    assert rows == [("art1", "第1条", 1), ("art2", "第2条", 2), ("art2/par1", "1", 3)]
    tied = str(Provision.objects.get(key="art2/par1").pk)
    assert send(client, f"{MEASURES}new/", MEASURE | {"provision": tied}).status_code == 302
    send(client, f"{DRAFT}obligations/new/", OBLIGATION | {"provision": tied})
    measure = SupportMeasure.objects.get()
    assert (measure.total, measure.last_year, measure.provision_id) == (
        500_000_000,
        FiscalYear(2031),
        int(tied),
    )
    page = client.get(DRAFT).content.decode()
    for text in ("市長 架空花子", "研究支援負担金", "第2条第1項", "市は負担金を支払う。"):
        assert text in page
    assert "研究支援負担金" in client.get("/lab/support/").content.decode()
    assert "市は負担金を支払う。" in client.get("/lab/agreements/draft/editions/1/").content.decode()


# -- Parties --


def test_the_organisation_is_proposed_and_stays_blank_until_it_is_saved(
    client: Client, draft: Agreement
) -> None:
    assert client.get(CITY).context["form"]["name"].value() == draft.center.supporter.name
    assert not Party.objects.exists()
    typed = as_typed(client, CITY, name="架空市") | {"address": "架空市1-1"}
    assert send(client, CITY, typed).status_code == 302
    party = Party.objects.get()
    assert (party.side, party.name, party.address) == (Side.SUPPORTER, "架空市", "架空市1-1")
    event = HistoryEvent.objects.get(action="party.set")
    assert event.after == {"supporter": {"name": "架空市", "address": "架空市1-1"}}
    assert "架空市1-1" in client.get("/lab/agreements/draft/").content.decode()


def test_a_party_has_a_name_and_a_side(client: Client, draft: Agreement) -> None:
    assert list(errors(send(client, CITY, as_typed(client, CITY, name=" ")))) == ["name"]
    assert list(errors(send(client, CITY, as_typed(client, CITY, name="市" * 121)))) == ["name"]
    assert client.get(f"{DRAFT}parties/auditor/").status_code == 404


def test_of_a_concluded_party_only_what_is_blank_is_completed(
    client: Client, draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    send(client, CITY, as_typed(client, CITY, name="架空市"))
    conclude(draft, "2027-03-25", by=city_staff, confirmed_by=foundation_staff, at=tokyo(date(2027, 3, 25)))
    assert "name" not in client.get(CITY).context["form"].fields
    typed = as_typed(client, CITY, representative="架空花子")
    assert "Only what is blank" in errors(send(client, CITY, typed | {"name": "別の市"}))["name"][0]
    assert send(client, CITY, typed).status_code == 302
    party = Party.objects.get()
    assert (party.name, party.representative) == ("架空市", "架空花子")
    assert "representative" not in client.get(CITY).context["form"].fields


def test_a_party_entered_after_the_conclusion_is_corrected(
    client: Client, draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    """Nobody concluded the agreement with what was typed afterwards."""
    conclude(draft, "2026-03-25", by=city_staff, confirmed_by=foundation_staff, at=tokyo(date(2026, 3, 25)))
    for name in ("架空士", "架空市"):
        assert send(client, CITY, as_typed(client, CITY, name=name)).status_code == 302
    assert Party.objects.get().name == "架空市"


# -- Support measures --


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "new"}, "code"),
        ({"code": "held"}, "code"),
        ({"title": ""}, "title"),
        ({"kind": "gift"}, "kind"),
        ({"first_year": "いつか"}, "first_year"),
        ({"last_year": "R8"}, "last_year"),
        ({"last_year": ""}, "last_year"),
        ({"total": ""}, "total"),
        ({"total": "-1"}, "total"),
        ({"kind": "land", "limit_rule": "none"}, "total"),
        ({"limit_rule": "annual_agreement"}, "total"),
        ({"kind": "land", "total": "", "limit_rule": "annual_agreement"}, "limit_rule"),
        ({"provision": "999999"}, "provision"),
        ({"contract": "999999"}, "contract"),
    ],
)
def test_what_is_refused_of_a_measure(
    client: Client, draft: Agreement, typed: dict[str, str], field: str
) -> None:
    make_measure(draft, code="held")
    answer = send(client, f"{MEASURES}new/", MEASURE | typed)
    assert list(errors(answer)) == [field]
    assert "市の予算の範囲内" in answer.content.decode(), "what was typed stays"
    assert SupportMeasure.objects.count() == 1
    assert not HistoryEvent.objects.exists()


def test_a_measure_on_which_nothing_rests_is_corrected(client: Client, draft: Agreement) -> None:
    send(client, f"{MEASURES}new/", MEASURE)
    page = f"{MEASURES}grant/"
    assert send(client, page, as_typed(client, page, total="600,000", last_year="R14")).status_code == 302
    event = HistoryEvent.objects.get(action="support_measure.change")
    assert (event.before, event.after) == (
        {"total": 500_000_000, "last_year": 2031},
        {"total": 600_000_000, "last_year": 2032},
    )


def record_an_amount(measure: SupportMeasure, by: User) -> None:
    SupportAmount.objects.create(
        measure=measure,
        fiscal_year=2022,
        stage=AmountStage.BUDGET,
        amount=1,
        known_from=date(2022, 4, 1),
        recorded_by=by,
    )


@pytest.mark.parametrize("name", ["total", "last_year", "first_year", "limit_rule", "kind"])
def test_its_terms_stay_once_an_amount_rests_on_it(
    client: Client, draft: Agreement, city_staff: User, name: str
) -> None:
    record_an_amount(make_measure(draft), city_staff)
    page = f"{MEASURES}grant/"
    shown = client.get(page)
    assert name not in shown.context["form"].fields
    assert "An amendment of the agreement changes it" in shown.content.decode()
    other = {"total": "1", "last_year": "R12", "first_year": "R3", "limit_rule": "none", "kind": "loan"}
    refused = errors(send(client, page, as_typed(client, page) | {name: other[name]}))
    assert "amendment" in refused[name][0]
    typed = as_typed(client, page, title="別の題名", conditions="別の条件")
    assert send(client, page, typed).status_code == 302
    kept = SupportMeasure.objects.get()
    assert (kept.title, kept.conditions, kept.total) == ("別の題名", "別の条件", 900_000_000)


def test_what_the_agreement_was_concluded_with_stays(
    client: Client, draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    send(client, f"{MEASURES}new/", MEASURE)
    conclude(draft, "2027-03-25", by=city_staff, confirmed_by=foundation_staff, at=tokyo(date(2027, 3, 25)))
    send(client, f"{MEASURES}new/", MEASURE | {"code": "later"})
    assert "total" not in client.get(f"{MEASURES}grant/").context["form"].fields
    with no_guards():  # as if it had been so from the beginning
        SupportMeasure.objects.filter(code="later").update(recorded_at=tokyo(date(2027, 4, 2)))
    assert "total" in client.get(f"{MEASURES}later/").context["form"].fields


def test_what_a_report_says_about_it_does_not_rest_on_it(draft: Agreement) -> None:
    measure = make_measure(draft)
    ReportedFact.objects.create(
        center=draft.center, code="why", position=1, heading="理由", text="要旨", measure=measure, source="T8"
    )
    assert not measure_actions.is_settled(measure)


def test_a_judgement_that_takes_it_rests_on_it(draft: Agreement) -> None:
    land = make_land(draft)
    assert not measure_actions.is_settled(land)
    LandJudgement.objects.create(
        center=draft.center,
        ground=LandGround.NON_PERFORMANCE,
        agreement=draft,
        is_free=False,
        takes_effect_on=date(2026, 6, 1),
        takes=[land.history_key()],
        reason="履行されていない。",
        known_from=date(2026, 6, 1),
        source="T8",
    )
    assert measure_actions.is_settled(land)


def test_an_amendment_that_names_it_rests_on_it(client: Client, center: Center, city_staff: User) -> None:
    """It was entered after the conclusion, and could be corrected until then."""
    first = make_worded(center)
    measure = make_measure(first.agreement, recorded_at=tokyo(date(2099, 4, 1)), recorded_by=city_staff)
    assert not measure_actions.is_settled(measure)
    amendment = make_amendment(first.agreement, city_staff)
    MeasureChange.objects.create(edition=amendment, measure=measure, outcome=MeasureOutcome.UNCHANGED)
    assert measure_actions.is_settled(measure)


# -- Summaries --


def test_an_agreement_that_came_without_a_wording_gets_one(client: Client, center: Center) -> None:
    made = make_agreement(center, code="draft")
    page = f"{PROVISIONS}new/"
    assert send(client, page, as_typed(client, page) | SUMMARY).status_code == 302
    edition = made.editions.get()
    assert (edition.number, edition.in_force_from) == (1, made.starts_on)
    assert edition.provisions.get().summary == "連携の目的を定める。"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": "九"}, None),
        ({"number": "目的"}, "number"),
        ({"number": ""}, "number"),
        ({"number": "第9条"}, "number"),
        ({"summary": "", "heading": ""}, "summary"),
    ],
)
def test_what_is_refused_of_a_summary(
    client: Client, draft: Agreement, typed: dict[str, str], field: str | None
) -> None:
    make_provision(draft.editions.get(), "art9" if field else "art8")
    page = f"{PROVISIONS}new/"
    answer = send(client, page, as_typed(client, page) | SUMMARY | typed)
    if field is None:
        assert answer.status_code == 302
        return
    assert list(errors(answer)) == [field]
    assert Provision.objects.count() == 1
    assert not HistoryEvent.objects.exists()


def test_a_summary_is_changed_and_removed_with_what_is_below_it(client: Client, draft: Agreement) -> None:
    edition = draft.editions.get()
    article = make_provision(edition, "art8")
    make_provision(edition, "art8/par1", kind="paragraph", label="1", parent=article)
    make_provision(edition, "art9")
    page = f"{PROVISIONS}art8/"
    assert send(client, page, as_typed(client, page, summary="別の要旨")).status_code == 302
    assert Provision.objects.get(key="art8").summary == "別の要旨"
    assert HistoryEvent.objects.get().after == {"art8": {"summary": "別の要旨"}}
    edition.refresh_from_db()
    assert "1 provision below it" in client.get(page).content.decode()
    assert client.post(f"{page}remove/", {"version": edition.version}).status_code == 302
    assert [row.key for row in edition.provisions.all()] == ["art9"]


def test_what_something_is_tied_to_stays(client: Client, draft: Agreement) -> None:
    edition = draft.editions.get()
    article = make_provision(edition, "art8")
    below = make_provision(edition, "art8/par1", kind="paragraph", label="1", parent=article)
    make_obligation(draft, provision=below)
    answer = client.post(f"{PROVISIONS}art8/remove/", {"version": edition.version})
    assert answer.status_code == 409
    assert "Something is tied to it" in answer.content.decode()
    assert edition.provisions.get(key="art8/par1").parent == article
    edition.refresh_from_db()
    assert edition.version == 1


def test_whoever_removes_too_late_is_told(client: Client, draft: Agreement) -> None:
    make_provision(draft.editions.get(), "art8")
    answer = client.post(f"{PROVISIONS}art8/remove/", {"version": 0})
    assert answer.status_code == 409
    assert Provision.objects.count() == 1


def test_the_official_wording_is_not_written_over(client: Client, center: Center, city_staff: User) -> None:
    first = make_worded(center, code="draft")
    first.refresh_from_db()
    at = f"{PROVISIONS}{first.provisions.all()[0].key}/"
    assert "official wording is here" in client.get(DRAFT).content.decode()
    assert client.get(at).status_code == 404
    with pytest.raises(WrongStep):
        summary_actions.change_summary(
            edition=first,
            version=first.version,
            key="art1",
            heading="",
            summary="別",
            by=city_staff,
            at=tokyo(date(2026, 6, 1)),
        )


def test_an_amendment_over_summaries_holds_them(client: Client, center: Center, city_staff: User) -> None:
    agreement = make_agreement(center, code="draft")
    edition = make_edition(agreement)
    make_provision(edition, "art3")
    make_edition(agreement, number=2, based_on=edition, reason="改める。")
    assert "so they stay" in client.get(DRAFT).content.decode()
    edition.refresh_from_db()
    answer = client.post(
        f"{PROVISIONS}art3/", {"version": edition.version, "heading": "x", "summary": "y", "original": "{}"}
    )
    assert answer.status_code in (400, 409)
    assert Provision.objects.get(edition=edition).summary == "財団は報告書をつくる。"


# -- Who, and how much --


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_the_actions_refuse_everyone_else(who: str, draft: Agreement, request: pytest.FixtureRequest) -> None:
    by, at = request.getfixturevalue(who), tokyo(date(2026, 11, 24))
    edition, measure = draft.editions.get(), make_measure(draft)
    party = party_actions.PartyFacts("市")
    facts = measure_actions.MeasureFacts(
        "負担金", SupportKind.CONTRIBUTION, FiscalYear(2027), LimitRule.ANNUAL_AGREEMENT
    )
    words = {"edition": edition, "version": 1, "heading": "", "summary": "要旨", "by": by, "at": at}
    steps = [
        lambda: party_actions.set_party(
            agreement=draft, side=Side.OPERATOR, seen="", facts=party, by=by, at=at
        ),
        lambda: measure_actions.add_measure(agreement=draft, code="x", facts=facts, by=by, at=at),
        lambda: measure_actions.change_measure(measure=measure, seen="", facts=facts, by=by),
        lambda: summary_actions.add_summary(within="", number="1", **words),
        lambda: summary_actions.change_summary(key="art1", **words),
        lambda: summary_actions.remove_summary(edition=edition, version=1, key="art1", by=by, at=at),
    ]
    for step in steps:
        with pytest.raises(PermissionDenied):
            step()


@pytest.mark.parametrize("number", [1, 8])
def test_query_count_is_constant(
    client: Client, draft: Agreement, number: int, django_assert_max_num_queries: Any
) -> None:
    edition = draft.editions.get()
    for n in range(number):
        provision = make_provision(edition, f"art{n + 1}")
        make_measure(draft, code=f"grant-{n}" if n else "grant", provision=provision)
    with django_assert_max_num_queries(20):
        assert client.get(DRAFT).status_code == 200
    for page in (CITY, f"{MEASURES}grant/", f"{PROVISIONS}art1/"):
        with django_assert_max_num_queries(26):
            assert client.get(page).status_code == 200
