"""The agreements to read: which are in force, over time, and what hangs on each; and the chronology."""

from datetime import date
from typing import Any

import plotly.graph_objects
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agreements.endings import consequences
from agreements.instruments import agreements, texts
from agreements.instruments.state import State
from agreements.loading import reference
from agreements.models import (
    Agreement,
    AgreementKind,
    ChronologyEntry,
    LimitRule,
    Party,
    Post,
    SupportKind,
    SupportMeasure,
)
from agreements.pages import timeline
from iconm_portal.imports.reference_files import Loader
from iconm_portal.models import Center, Side, User
from tests.builders.agreements import (
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
    proposed_annual,
)
from tests.days import TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


def one_of_each(center: Center) -> dict[State, Agreement]:
    """An agreement in every state but 解約協議中, which needs a notice."""
    return {
        State.DRAFT: make_agreement(center, code="draft", concluded=None),
        State.CONCLUDED: make_agreement(center, code="coming", starts_on=date(2027, 4, 1)),
        State.IN_FORCE: make_agreement(center, code="basic", ends_on=date(2030, 3, 31)),
        State.ENDED: make_agreement(center, code="over", ends_on=date(2025, 3, 31)),
    }


# The list


def test_the_list_answers_first_what_is_in_force(log_in: LogIn, center: Center, city_viewer: User) -> None:
    one_of_each(center)
    found = agreements.load(center, day=TODAY)
    said = texts.findings(found)
    assert "協定 basic" in said[0]
    assert "協定 draft" in said[1]
    text = log_in(city_viewer).get("/lab/agreements/").content.decode()
    assert text.index("協定 basic") < text.index("協定 over")
    for word in ("令和12年3月31日", "臨海市", "臨海財団"):
        assert word in text


def test_an_empty_list_says_what_to_do(log_in: LogIn, center: Center, city_viewer: User) -> None:
    text = log_in(city_viewer).get(f"/{center.code}/agreements/").content.decode()
    assert 'class="empty"' in text


def test_the_review_of_an_agreement_that_stands_is_due(center: Center) -> None:
    make_agreement(center, code="now", review_on=TODAY)
    make_agreement(center, code="later", review_on=date(2026, 11, 25))
    make_agreement(center, code="over", review_on=date(2024, 3, 31), ends_on=date(2025, 3, 31))
    due = {
        entry.agreement.code
        for entry in agreements.load(center, day=TODAY).entries
        if entry.is_due_for_review
    }
    assert due == {"now"}


def test_the_reports_agreements_are_drafts_or_over(center: Center) -> None:
    """T6 and T9: the drafts are unsigned, and their predecessors ended with March 2022."""
    Loader(center).load(reference.FOLDER, reference.TABLES)
    found = agreements.load(center, day=TODAY)
    states = {entry.agreement.code: entry.state for entry in found.entries}
    assert states == {
        "basic-r4": State.DRAFT,
        "support-r4": State.DRAFT,
        "land-r4": State.DRAFT,
        "basic-h27": State.ENDED,
        "support-h31": State.ENDED,
    }
    in_2021 = agreements.load(center, day=date(2021, 11, 30))
    assert {entry.agreement.code for entry in in_2021.in_state(State.IN_FORCE)} == {
        "basic-h27",
        "support-h31",
    }
    falls = consequences.falls_with(
        found.by_code["basic-r4"].agreement, last_day=TODAY, day=TODAY, known=found
    )
    assert [measure.code for measure in falls.land] == ["free-land-r4"]
    assert [measure.code for measure in falls.measures] == ["promotion-r4"]
    assert [contract.code for contract in falls.contracts_that_stay] == ["land-r4"]


# The timeline


def test_the_timeline_is_valid_and_tells_what_the_table_tells(center: Center) -> None:
    one_of_each(center)
    make_agreement(center, code="endless", review_on=date(2026, 3, 31))
    chart = timeline.chart(agreements.load(center, day=TODAY), caption="x")
    figure = plotly.graph_objects.Figure(chart.figure)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert sum(len(trace.x) for trace in bars) == len(chart.table.rows) == 5
    assert figure.layout.shapes[0].x0 == TODAY.isoformat()
    marks = {trace.name: list(trace.x) for trace in figure.data if trace.type == "scatter"}
    assert ["2026-03-31"] in marks.values()
    assert sorted(["2030-03-31", "2025-03-31"]) in [sorted(days) for days in marks.values()]


def test_names_in_the_picture_are_text_and_unique(center: Center) -> None:
    for code in ("a", "b"):
        make_agreement(center, code=code, short_title="<b>協定</b>")
    chart = timeline.chart(agreements.load(center, day=TODAY), caption="x")
    names = chart.figure["layout"]["yaxis"]["categoryarray"]
    assert len(set(names)) == 2
    assert not any("<b>" in name for name in names)


# One agreement


def test_the_page_says_state_parties_articles_and_what_rests_on_them(
    log_in: LogIn, center: Center, city_viewer: User
) -> None:
    basic = make_agreement(
        center, legal_basis="財産条例", review_on=date(2027, 3, 31), review_reason="期間の終わり"
    )
    child = make_agreement(center, code="support", parent=basic)
    make_agreement(center, code="before", ends_on=date(2022, 3, 31), starts_on=date(2019, 4, 1))
    Party.objects.create(
        agreement=basic, side=Side.SUPPORTER, name="臨海市役所", address="宮前1", representative="市長 山田"
    )
    Post.objects.create(center=center, code="head", title="センター長", source="T9")
    article = make_provision(make_edition(basic), heading="報告の条", summary="毎年報告する。")
    make_obligation(basic, provision=article)
    SupportMeasure.objects.create(
        center=center,
        agreement=basic,
        provision=article,
        code="free",
        kind=SupportKind.LAND,
        title="土地の無償貸付",
        first_year=2022,
        limit_rule=LimitRule.NONE,
    )
    text = log_in(city_viewer).get("/lab/agreements/basic/").content.decode()
    words = (
        "臨海市役所 宮前1 市長 センター長 財産条例 期間の終わり 報告の条 毎年報告する。 事業報告書と収支決算書の提出 土地の無償貸付"
    ).split()
    assert [word for word in [*words, "山田", child.short_title, "令和4年3月25日"] if word not in text] == []


def test_a_draft_says_clearly_that_it_is_one(log_in: LogIn, center: Center, city_viewer: User) -> None:
    make_agreement(center, concluded=None)
    with translation.override("ja"):
        said = texts.in_words(agreements.load(center, day=TODAY).entries[0])
    text = log_in(city_viewer).get("/lab/agreements/basic/").content.decode()
    assert said[0] in text
    assert "案" in said[0]


def test_steps_are_shown_to_those_who_can_take_them(
    log_in: LogIn, center: Center, city_viewer: User, city_staff: User
) -> None:
    make_agreement(center)
    for person, may in ((city_viewer, False), (city_staff, True)):
        text = log_in(person).get("/lab/agreements/basic/").content.decode()
        for step in ("conclusion", "notice", "ending"):
            assert (f"/lab/agreements/basic/{step}/" in text) == may


def test_steps_that_cannot_be_taken_lead_back_to_the_page(
    log_in: LogIn, center: Center, city_staff: User
) -> None:
    make_agreement(center, concluded=None)
    client = log_in(city_staff)
    for step in ("notice", "ending", "annual", "terms"):
        assert client.get(f"/lab/agreements/basic/{step}/")["Location"] == "/lab/agreements/basic/"
    for step in ("notice/withdraw", "ending/confirm", "ending/decline", "ending/take-back", "terms/confirm"):
        assert client.get(f"/lab/agreements/basic/{step}/").status_code == 302
        assert client.post(f"/lab/agreements/basic/{step}/", {"reason": "x"}).status_code == 409


def test_unknown_and_foreign_agreements_are_not_there(
    log_in: LogIn, center: Center, foreign_center: Center, city_staff: User
) -> None:
    make_agreement(foreign_center)
    client = log_in(city_staff)
    for url in ("/lab/agreements/basic/", "/foreign-lab/agreements/basic/", "/lab/agreements/basic/ending/"):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("path", ["agreements/", "agreements/basic/", "chronology/"])
def test_the_cost_does_not_grow(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User, path: str
) -> None:
    basic = make_agreement(center)
    client = log_in(foundation_staff)
    costs = []
    for round_ in range(2):
        grow(center, basic, round_, city_staff)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/lab/{path}").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def grow(center: Center, basic: Agreement, round_: int, by: User) -> None:
    """More of everything that the pages show."""
    support = make_agreement(
        center, code=f"support-{round_}", kind=AgreementKind.RESEARCH_SUPPORT, parent=basic
    )
    for year in (2025, 2026):
        proposed_annual(support, by=by, year=year)
    edition = basic.editions.first() or make_edition(basic)
    for number in range(3):
        article = make_provision(edition, f"art{10 * round_ + number + 1}")
        make_obligation(basic, code=f"o{round_}-{number}", provision=article)
    Party.objects.create(agreement=support, side=Side.OPERATOR, name="財団")
    ChronologyEntry.objects.create(
        center=center, code=f"e{round_}", happened_on="2013-02", text="x", agreement=support, source="T6"
    )


# What falls


def test_the_land_stays_and_only_its_being_free_ends(center: Center) -> None:
    basic = make_agreement(center)
    land = make_agreement(
        center, code="land", kind=AgreementKind.LAND_LOAN, parent=basic, ends_on=date(2052, 3, 31)
    )
    free = measure(basic, "free", SupportKind.LAND, contract=land)
    money = measure(basic, "money", SupportKind.CONTRIBUTION)
    with_ending = consequences.falls_with(basic, last_day=date(2027, 3, 31), day=TODAY)
    assert (with_ending.land, with_ending.measures) == ((free,), (money,))
    assert (with_ending.agreements, with_ending.contracts_that_stay) == ((), (land,))
    negative = consequences.falls_with_the_land(center, last_day=date(2027, 3, 31), day=TODAY)
    assert (negative.land, negative.measures, negative.contracts_that_stay) == ((free,), (), (land,))
    with_the_contract = consequences.falls_with(land, last_day=date(2027, 3, 31), day=TODAY)
    assert (with_the_contract.land, with_the_contract.contracts_that_stay) == ((free,), ())


def test_what_is_over_by_then_does_not_fall(center: Center) -> None:
    basic = make_agreement(center)
    over = make_agreement(center, code="over", parent=basic, ends_on=date(2027, 3, 31))
    draft = make_agreement(center, code="draft", parent=basic, concluded=None)
    measure(basic, "past", SupportKind.CONTRIBUTION, last_year=2026)
    falls = consequences.falls_with(basic, last_day=date(2027, 3, 31), day=TODAY)
    assert [entry.agreement for entry in falls.agreements] == [draft]
    assert falls.measures == ()
    earlier = consequences.falls_with(basic, last_day=date(2027, 3, 30), day=TODAY)
    assert {entry.agreement for entry in earlier.agreements} == {over, draft}
    assert [found.code for found in earlier.measures] == ["past"]


def test_nothing_may_depend_on_it(center: Center) -> None:
    alone = make_agreement(center)
    assert consequences.falls_with(alone, last_day=TODAY, day=TODAY).is_nothing


def measure(agreement: Agreement, code: str, kind: SupportKind, **fields: Any) -> SupportMeasure:
    return SupportMeasure.objects.create(
        center=agreement.center,
        agreement=agreement,
        code=code,
        kind=kind,
        title=code,
        first_year=2022,
        limit_rule=LimitRule.NONE,
        **fields,
    )


# The chronology


def test_events_are_dated_as_precisely_as_their_source(
    log_in: LogIn, center: Center, city_viewer: User
) -> None:
    for code, day, text in (
        ("c", "2022", "三つ目"),
        ("a", "2013-02", "一つ目"),
        ("b", "2015-02-01", "二つ目"),
    ):
        ChronologyEntry.objects.create(center=center, code=code, happened_on=day, text=text, source="T6")
    text = log_in(city_viewer).get("/lab/chronology/").content.decode()
    assert text.index("一つ目") < text.index("二つ目") < text.index("三つ目")
    for words in (">平成25年2月<", ">平成27年2月1日<", ">令和4年<"):
        assert words in text


def test_an_empty_chronology_says_so(log_in: LogIn, center: Center, city_viewer: User) -> None:
    assert 'class="empty"' in log_in(city_viewer).get(f"/{center.code}/chronology/").content.decode()
