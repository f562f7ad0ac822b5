"""The portal's own words are marked 要旨 until both sides have confirmed the official text; both stay readable."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from iconm_portal.models import Center, HistoryEvent, User
from kpi.initiatives import initiatives
from kpi.initiatives.official_texts import actions
from kpi.initiatives.official_texts import official_texts as read
from kpi.models import Kgi, OfficialTextLine, OfficialTextProposal
from kpi.papers import kgi_sheets
from kpi.plans import scorecard
from tests.builders.initiatives import make_category, make_scheme
from tests.builders.official_texts import (
    DOCUMENT,
    propose_official_texts,
    settle_official_texts,
    texts_of,
)
from tests.builders.plans import make_plan
from tests.days import AT, TODAY

pytestmark = pytest.mark.django_db
SUMMARY, OFFICIAL = "体内病院の実現（当方の要約）", "正式な文言1"


@pytest.fixture
def kgi(center: Center) -> Kgi:
    plan = make_plan(center, targets={"trials": 10})
    made = Kgi.objects.create(
        center=center, code="goal", position=1, text=SUMMARY, target_year=2045, set_in=2019, source="T4"
    )
    made.plans.add(plan)
    make_category(make_scheme(center), activities=2)
    return made


def facts(center: Center, day: date = TODAY):
    return scorecard.load(center, known_at=day).plans[0].kgis[0]


def activity(center: Center, day: date | None = None):
    return initiatives.load(center, known_at=day)[0].activities[0]


def test_a_summary_stands_until_both_have_confirmed(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User
) -> None:
    made = propose_official_texts(center, by=city_staff)
    assert (facts(center).text, facts(center).is_summary) == (SUMMARY, True)
    actions.confirm(proposal=made, version=made.version, by=foundation_staff, at=AT)
    assert (facts(center).text, facts(center).is_summary) == (OFFICIAL, False)
    before = facts(center, TODAY - timedelta(days=1))
    assert (before.text, before.is_summary) == (SUMMARY, True)
    assert Kgi.objects.get().text == SUMMARY


def test_activities_likewise_wherever_they_are_read(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User
) -> None:
    assert activity(center).is_summary
    settle_official_texts(center, by=foundation_staff, other=city_staff, group=1)
    assert (activity(center).text, activity(center).is_summary) == (OFFICIAL, False)
    assert activity(center, TODAY - timedelta(days=1)).is_summary
    assert facts(center).is_summary


def test_one_alone_may_be_put_in_place_of_its_summary(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User
) -> None:
    first, _second = read.groups(center)[1].items
    made = actions.start(
        center=center,
        scheme=read.groups(center)[1].scheme,
        document=DOCUMENT,
        texts={first.field: OFFICIAL},
        by=city_staff,
        at=AT,
    )
    actions.propose(proposal=made, version=made.version, by=city_staff, at=AT)
    made.refresh_from_db()
    actions.confirm(proposal=made, version=made.version, by=foundation_staff, at=AT)
    assert [item.is_summary for item in initiatives.load(center)[0].activities] == [False, True]
    assert read.groups(center)[1].summaries == 1


def test_a_later_text_replaces_the_first_and_both_stay(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User
) -> None:
    first = settle_official_texts(center, by=city_staff, other=foundation_staff)
    made = propose_official_texts(center, by=foundation_staff, text="改めた文言")
    assert [(change.before, change.after) for change in read.changes(made)] == [(OFFICIAL, "改めた文言1")]
    later = AT + timedelta(days=3)
    actions.confirm(proposal=made, version=made.version, by=city_staff, at=later)
    assert facts(center, TODAY + timedelta(days=2)).text == OFFICIAL
    assert facts(center, TODAY + timedelta(days=3)).text == "改めた文言1"
    assert [(change.summary, change.after) for change in read.changes(first)] == [(SUMMARY, OFFICIAL)]
    made.refresh_from_db()
    assert [change.before for change in read.changes(made)] == [OFFICIAL]
    event = HistoryEvent.objects.filter(action="official_text_proposal.confirm").latest("pk")
    assert event.after["texts"] == {SUMMARY: "改めた文言1"}


@pytest.mark.parametrize(
    ("document", "texts", "what"),
    [
        ("", {"text": OFFICIAL}, "document"),
        ("  ", {"text": OFFICIAL}, "document"),
        (DOCUMENT, {}, "変更がありません"),
    ],
)
def test_what_says_nothing_is_refused(
    center: Center, kgi: Kgi, city_staff: User, document: str, texts: dict[str, str], what: str
) -> None:
    given = texts_of(center, OFFICIAL) if texts else {}
    with pytest.raises(ValidationError, match=what):
        actions.start(center=center, scheme=None, document=document, texts=given, by=city_staff, at=AT)
    assert not OfficialTextProposal.objects.exists()


def test_what_both_confirmed_is_frozen(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User
) -> None:
    settle_official_texts(center, by=city_staff, other=foundation_staff)
    for change in (
        lambda: OfficialTextProposal.objects.update(document="別の文書"),
        lambda: OfficialTextLine.objects.update(text="別の文言"),
        lambda: OfficialTextLine.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_papers_mark_it(center: Center, kgi: Kgi, city_staff: User, foundation_staff: User) -> None:
    def printed() -> tuple[str, list[str], str]:
        board = scorecard.load(center, known_at=TODAY)
        sheet, data = kgi_sheets.kgi_sheet(board), kgi_sheets.kgi_data(board)
        text = next(
            str(cell.value)
            for cell in sheet.body[0]
            if "実現" in str(cell.value) or "文言" in str(cell.value)
        )
        names = [column.key for column in data.columns]
        return text, list(sheet.notes), str(next(iter(data.rows))[names.index("is_summary")])

    text, notes, column = printed()
    assert (text, column) == (f"{SUMMARY}（要旨）", "1")
    assert any("要旨" in note for note in notes)
    settle_official_texts(center, by=city_staff, other=foundation_staff)
    assert printed() == (OFFICIAL, [], "0")


# -- Pages --


def test_one_side_proposes_and_the_other_confirms_in_the_browser(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User, log_in
) -> None:
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    at = f"/{center.code}/official-texts/"
    assert SUMMARY in city.get(at).content.decode()
    field = read.groups(center)[0].items[0].field
    answer = city.post(f"{at}new/kgi/", {"document": DOCUMENT, field: OFFICIAL})
    made = OfficialTextProposal.objects.get()
    assert answer.url == f"{at}{made.pk}/"
    assert foundation.get(f"{at}{made.pk}/").status_code == 200
    city.post(f"{at}{made.pk}/propose/", {"version": made.version})
    made.refresh_from_db()
    assert DOCUMENT in foundation.get(f"/{center.code}/").content.decode()
    page = foundation.get(f"{at}{made.pk}/").content.decode()
    assert SUMMARY in page
    assert OFFICIAL in page
    foundation.post(f"{at}{made.pk}/confirm/", {"version": made.version})
    assert OFFICIAL in city.get(f"/{center.code}/kpi/research/").content.decode()
    assert DOCUMENT not in foundation.get(f"/{center.code}/").content.decode()


def test_every_page_of_an_activity_marks_the_summary(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User, log_in
) -> None:
    settle_official_texts(center, by=city_staff, other=foundation_staff)  # of the direct goals alone
    at, staff = f"/{center.code}/initiatives/", log_in(foundation_staff)
    pages = (at, f"{at}2026/", f"{at}2026/main/funding/a0/")
    for page in pages:
        assert '<span class="badge">要旨</span>' in staff.get(page).content.decode(), page
    settle_official_texts(center, by=city_staff, other=foundation_staff, group=1)
    for page in pages:
        text = staff.get(page).content.decode()
        assert '<span class="badge">要旨</span>' not in text, page
        assert OFFICIAL in text, page


def test_the_list_asks_as_often_for_many(
    center: Center, kgi: Kgi, city_staff: User, foundation_staff: User, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):
        read.groups(center)
    for number in range(3):
        make_category(make_scheme(center, code=f"more-{number}"), activities=4)
    settle_official_texts(center, by=city_staff, other=foundation_staff, group=2)
    with django_assert_num_queries(3):
        read.groups(center)
