"""Amendments drafted over summaries: said before anyone proposes or confirms, and whole once the official wording is there."""

from typing import Any

import pytest

from agreements.editions import actions, draft_actions, editions, side_by_side, texts
from agreements.editions.comparison import ChangeKind
from agreements.editions.draft_actions import Wanted
from agreements.editions.provisions import as_read
from agreements.instruments import agreements
from agreements.models import Edition, ProvisionKind
from agreements.pages import overview
from iconm_portal.models import Center, User
from tests.builders.agreements import make_agreement, make_edition, make_obligation, make_provision
from tests.builders.editions import (
    AT,
    CHANGE_ON,
    TEXT,
    TODAY,
    change_talk,
    confirm,
    import_text,
    make_annual_amendment,
    propose,
)
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NEW = "緑の会は、毎年度6月末までに報告書を架空市に提出する。"


@pytest.fixture
def first(center: Center) -> Edition:
    """Three articles in our own words, as the reference has them."""
    edition = make_edition(make_agreement(center))
    make_provision(edition, "art1", heading="目的", summary="観察会を続ける。")
    make_provision(edition, "art2", heading="役割", summary="緑の会が準備し、市が広報する。")
    make_provision(edition, "art3", heading="報告", summary="緑の会は5月末までに報告する。")
    return edition


def start(first: Edition, by: User) -> Edition:
    return draft_actions.start_amendment(
        agreement=first.agreement, in_force_from=CHANGE_ON, reason="期限を改める。", by=by, at=AT
    )


def change(draft: Edition, key: str, by: User, **words: str) -> None:
    row = draft.provisions.get(key=key)
    kept = {"heading": row.heading, "summary": row.summary} | words
    draft_actions.change_provision(
        edition=draft, version=draft.version, key=key, wanted=Wanted(**kept), by=by, at=AT
    )
    draft.refresh_from_db()


@pytest.fixture
def draft(first: Edition, city_staff: User) -> Edition:
    """The new wording of 第3条, over summaries."""
    made = start(first, city_staff)
    change(made, "art3", city_staff, text=NEW, summary="緑の会は6月末までに報告する。")
    return made


def settle(draft: Edition, city: User, foundation: User) -> Edition:
    draft_actions.leave_the_rest(edition=draft, version=draft.version, by=city, at=AT)
    draft.refresh_from_db()
    propose(draft, city, change_talk(draft.agreement, city, foundation))
    return confirm(draft, foundation)


def kinds(old: Edition, new: Edition) -> dict[str, ChangeKind]:
    compared = side_by_side.compare(Edition.objects.get(pk=old.pk), Edition.objects.get(pk=new.pk))
    return {row.new_place or row.old_place: row.kind for row in compared.changed}


def read(edition: Edition) -> dict[str, str]:
    whole = as_read.of(Edition.objects.get(pk=edition.pk))
    return {row.key: row.text for row in whole.provisions if row.text}


def test_it_is_said_that_it_is_drafted_over_summaries(first: Edition, draft: Edition) -> None:
    assert draft.is_over_summaries
    compared = side_by_side.compare(first, draft)
    said = texts.caveats(draft, compared)
    assert said[0].startswith("This amendment is drafted over summaries")
    assert said[1] == "Not compared word by word, because a summary stands beside a wording: 第3条."
    (row,) = compared.changed
    assert (row.kind, row.is_unlike) == (ChangeKind.CHANGED, True)


def test_proposing_and_confirming_pages_say_so(
    log_in: LogIn, draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    base = "/lab/agreements/basic/editions/2/"
    said = "要旨の上に作成されています"
    assert said in log_in(city_staff).get(f"{base}propose/").content.decode()
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    page = log_in(foundation_staff).get(base).content.decode()
    assert said in page
    assert "要旨と条文" in log_in(foundation_staff).get(f"{base}compare/1/").content.decode()


def test_over_an_official_wording_nothing_is_said(center: Center, city_staff: User) -> None:
    edition = make_edition(make_agreement(center))
    import_text(edition)
    draft = start(edition, city_staff)
    assert not draft.is_over_summaries
    assert texts.caveats(draft, side_by_side.compare(edition, draft)) == []


def test_a_confirmed_one_reads_whole_once_the_official_wording_is_imported(
    first: Edition, draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    settle(draft, city_staff, foundation_staff)
    stored = list(draft.provisions.values_list("key", "text"))
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    assert kinds(first, draft) == {"第3条": ChangeKind.CHANGED}, "and nothing is struck out"
    words = read(draft)
    assert words["art1/par1"] == "この協定は、観察会を続けることを目的とする。"
    assert ("art3" in words, words["art3/par1"]) == (False, NEW), "where the official wording has it"
    assert list(draft.provisions.values_list("key", "text")) == stored, (
        "what both confirmed is not written anew"
    )
    again = Edition.objects.get(pk=draft.pk)
    assert texts.caveats(again, side_by_side.compare(Edition.objects.get(pk=first.pk), again)) == []
    assert not editions.read(again).missing


def test_an_open_one_takes_it_in_and_can_be_edited_further(
    first: Edition, draft: Edition, city_staff: User
) -> None:
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    draft.refresh_from_db()
    assert not draft.is_over_summaries
    assert draft.preamble == "架空市と緑の会は、次のとおり協定を結ぶ。"
    assert kinds(first, draft) == {"第3条": ChangeKind.CHANGED}
    change(draft, "art1/par1", city_staff, text="この協定は、観察会を広げることを目的とする。")
    assert kinds(first, draft) == {"第1条": ChangeKind.CHANGED, "第3条": ChangeKind.CHANGED}
    positions = [row.position for row in draft.provisions.all()]
    assert positions == list(range(1, len(positions) + 1))


def test_one_that_lies_before_the_other_side_stays_and_takes_it_in_when_it_is_taken_back(
    first: Edition, draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    stored = list(draft.provisions.values_list("key", "text"))
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    assert list(draft.provisions.values_list("key", "text")) == stored
    assert kinds(first, draft) == {"第3条": ChangeKind.CHANGED}, "it is read from the official wording"
    proposed = Edition.objects.get(pk=draft.pk)
    actions.take_back(edition=proposed, version=proposed.version, by=city_staff, at=AT)
    draft.refresh_from_db()
    assert not draft.is_over_summaries
    change(draft, "art1/par1", city_staff, text="この協定は、観察会を広げることを目的とする。")
    assert kinds(first, draft) == {"第1条": ChangeKind.CHANGED, "第3条": ChangeKind.CHANGED}


def test_a_change_in_our_own_words_only_is_compared_with_our_own_words(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    draft = start(first, city_staff)
    change(draft, "art3", city_staff, summary="緑の会は6月末までに報告する。")
    settle(draft, city_staff, foundation_staff)
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    compared = side_by_side.compare(Edition.objects.get(pk=first.pk), Edition.objects.get(pk=draft.pk))
    assert {row.new_place: row.is_summary for row in compared.changed} == {"第3条": True}
    again = Edition.objects.get(pk=draft.pk)
    assert texts.caveats(again, compared) == [
        "Changed in our own words only; the official wording of the change is not there: 第3条."
    ]
    assert "art3/par1" not in read(draft), "what it was before is not what it is now"


def test_added_and_removed_articles_stay_so(first: Edition, city_staff: User, foundation_staff: User) -> None:
    draft = start(first, city_staff)
    step: dict[str, Any] = {"edition": draft, "by": city_staff, "at": AT}
    draft_actions.remove_provision(version=draft.version, key="art2", **step)
    draft_actions.add_provision(
        version=draft.version,
        within="",
        number="第4条",
        wanted=Wanted(heading="費用", text="費用は折半する。"),
        **step,
    )
    draft.refresh_from_db()
    settle(draft, city_staff, foundation_staff)
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    found = kinds(first, draft)
    assert found["第4条"] == ChangeKind.ADDED
    assert {kind for place, kind in found.items() if place.startswith("第2条")} == {ChangeKind.REMOVED}
    assert set(found) - {"第4条"} == {place for place in found if place.startswith("第2条")}
    assert not any(key.startswith("art2") for key in read(draft))


def test_an_amendment_of_such_an_amendment_reads_whole_too(
    first: Edition, draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    settle(draft, city_staff, foundation_staff)
    again = draft_actions.start_amendment(
        agreement=first.agreement,
        in_force_from=CHANGE_ON.replace(year=2028),
        reason="目的を改める。",
        by=city_staff,
        at=AT,
    )
    change(again, "art1", city_staff, text="この協定は、観察会を広げることを目的とする。")
    settle(again, city_staff, foundation_staff)
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    words = read(again)
    assert (words["art3/par1"], words["art2/par1/item1"]) == (NEW, "準備")
    assert kinds(draft, again) == {"第1条": ChangeKind.CHANGED}
    assert set(kinds(first, again)) == {"第1条", "第3条"}


def test_where_one_has_wording_only_and_the_other_summaries_only_nothing_is_compared(
    first: Edition, center: Center
) -> None:
    other = make_edition(make_agreement(center, code="other"))
    import_text(other)
    compared = side_by_side.compare(first, other)
    assert compared.is_impossible
    assert texts.difference(compared) == "The two cannot be compared."


def test_what_rests_on_it_and_the_papers_read_it_whole(
    first: Edition, draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    obligation = make_obligation(first.agreement, provision=first.provisions.get(key="art3"))
    settle(draft, city_staff, foundation_staff)
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    found = {part.provision.key: part.obligations for part in editions.read(draft).parts}
    assert found["art3"] == (obligation,)
    (agreed,) = overview.load(first.agreement.center, known_at=CHANGE_ON)
    assert [one.provision.label for one in agreed.articles] == ["第1条", "第2条", "第3条"]


# -- What was known when --


def test_an_edition_is_in_force_as_far_as_it_was_known(
    draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    """Confirmed on 24 November 2026, to hold from 1 October: on 1 November nobody knew it."""
    draft_actions.change_draft(
        edition=draft,
        version=draft.version,
        in_force_from=TODAY.replace(month=10, day=1),
        reason="理由",
        by=city_staff,
        at=AT,
    )
    draft.refresh_from_db()
    settle(draft, city_staff, foundation_staff)
    rows = list(draft.agreement.editions.all())
    before, now = (agreements.edition_on(rows, day) for day in (TODAY.replace(day=1), TODAY))
    assert (before and before.number, now and now.number) == (1, 2)
    known = editions.load(city_staff, draft.center, draft.agreement, day=TODAY)
    line = known.line(2)
    assert line is not None
    assert (
        texts.what_it_is(line, known)
        == "This wording is in force since 1 October 2026 (recorded 24 Nov 2026)."
    )


def with_paragraph(first: Edition) -> None:
    """As the reference has an article of one paragraph: the summary beside the article, the paragraph empty."""
    article = first.provisions.get(key="art3")
    make_provision(first, "art3/par1", kind=ProvisionKind.PARAGRAPH, parent=article, summary="")


def test_an_empty_paragraph_below_does_not_bring_the_old_wording_back(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    with_paragraph(first)
    make_obligation(first.agreement, provision=first.provisions.get(key="art3/par1"))
    draft = start(first, city_staff)
    change(draft, "art3", city_staff, summary="緑の会は6月末までに報告する。")
    settle(draft, city_staff, foundation_staff)
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    (agreed,) = overview.load(first.center, known_at=CHANGE_ON)
    assert {one.provision.key: len(one.obligations) for one in agreed.articles}["art3"] == 1
    assert "5月末" not in "".join(read(draft).values()), "an amendment that says June does not read May"
    compared = side_by_side.compare(Edition.objects.get(pk=first.pk), Edition.objects.get(pk=draft.pk))
    assert {row.new_place: row.is_summary for row in compared.changed} == {"第3条": True}
    assert [part.place for part in editions.read(Edition.objects.get(pk=draft.pk)).paraphrased] == ["第3条"]


def test_an_article_worded_over_an_empty_paragraph_has_it_once(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    with_paragraph(first)
    draft = start(first, city_staff)
    change(draft, "art3", city_staff, text=NEW, summary="緑の会は6月末までに報告する。")
    settle(draft, city_staff, foundation_staff)
    import_text(Edition.objects.get(pk=first.pk), TEXT)
    whole = as_read.of(Edition.objects.get(pk=draft.pk))
    assert [row.text for row in whole.provisions if row.key == "art3/par1"] == [NEW]


def test_an_annual_agreement_whose_amount_alone_changes_says_that(
    center: Center, city_staff: User, log_in: LogIn
) -> None:
    draft = make_annual_amendment(center, city_staff)
    draft_actions.change_draft(
        edition=draft,
        version=draft.version,
        in_force_from=draft.in_force_from,
        reason=draft.reason,
        contribution=120_000_000,
        content=draft.preamble,
        by=city_staff,
        at=AT,
    )
    page = log_in(city_staff).get("/lab/agreements/support-2026/editions/2/draft/").content.decode()
    assert "市の負担金は令和8年12月1日から120,000,000円です" in page
    assert "二つの内容は同じです" not in page
    assert "要旨の上に作成" not in page, "it has no provisions that could be summed up"
    assert "変更案のすべての条項" not in page, "there is none that a table could show"
    assert "年度協定には条文が登録されていません" in page
