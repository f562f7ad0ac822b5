"""An official text comes into an edition: all or nothing, what is ours stays, and a settled wording is never replaced."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agreements.editions.official_wording.actions import import_wording
from agreements.models import Edition, Provision, ProvisionKind
from agreements.wording import parse
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, HistoryEvent, ProposalState, User
from tests.builders.agreements import make_agreement, make_edition, make_obligation, make_provision
from tests.builders.editions import (
    AT,
    TEXT,
    change_talk,
    confirm,
    import_text,
    make_amendment,
    make_worded,
    propose,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
GAPS = (Path(__file__).parents[1] / "wording" / "texts" / "gaps.txt").read_text()
RUINED = (Path(__file__).parents[1] / "wording" / "texts" / "ruined.txt").read_text()


@pytest.fixture
def draft(center: Center) -> Edition:
    """Of an agreement that is not concluded; two articles in our own words, the second not in the text."""
    edition = make_edition(make_agreement(center, concluded=None))
    article = make_provision(edition, "art3", summary="財団は報告する。")
    make_provision(edition, "art3/par1", kind=ProvisionKind.PARAGRAPH, label="", heading="", parent=article)
    make_provision(edition, "art9", summary="財団は検証を受ける。")
    return edition


def held(edition: Edition) -> dict[str, Provision]:
    return {row.key: row for row in edition.provisions.all()}


def test_texts_come_in_and_what_is_ours_stays(draft: Edition, city_staff: User) -> None:
    obligation = make_obligation(draft.agreement, provision=held(draft)["art3"])
    import_text(draft, by=city_staff)
    rows = held(draft)
    assert rows["art3/par1"].text == "緑の会は、毎年度5月末までに報告書を架空市に提出する。"
    assert (rows["art3"].summary, rows["art3"].heading) == ("財団は報告する。", "報告")
    obligation.refresh_from_db()
    assert obligation.provision == rows["art3"]
    assert rows["art2/par1/item2/sub1"].parent == rows["art2/par1/item2"]


def test_what_the_text_lacks_stays_with_its_summary_where_it_stood(draft: Edition, city_staff: User) -> None:
    import_text(draft, by=city_staff)
    assert list(held(draft))[-1] == "art9"
    assert (held(draft)["art9"].text, held(draft)["art9"].summary) == ("", "財団は検証を受ける。")


def test_who_when_and_from_which_file_is_recorded(draft: Edition, city_staff: User) -> None:
    import_text(draft, by=city_staff)
    assert (draft.imported_from, draft.imported_by, draft.imported_at) == ("協定書.txt", city_staff, AT)
    event = HistoryEvent.objects.get(action="edition.import")
    assert (event.actor, event.after["lacking"]) == (city_staff.username, ["art9"])


def test_a_second_import_replaces_the_first_and_the_history_keeps_it(
    draft: Edition, city_staff: User
) -> None:
    import_text(draft, by=city_staff)
    import_text(
        draft, TEXT.replace("5月末", "6月末").replace("ア 学校への案内\nイ 市民への案内\n", ""), by=city_staff
    )
    assert "6月末" in held(draft)["art3/par1"].text
    assert "art2/par1/item2/sub1" not in held(draft), "brought by the first import only"
    event = HistoryEvent.objects.filter(action="edition.import").first()
    assert event is not None
    assert "5月末" in event.before["art3/par1"]


def test_a_text_with_gaps_is_only_saved_when_somebody_says_so(draft: Edition, city_staff: User) -> None:
    with pytest.raises(ValidationError, match="listed as wrong"):
        import_wording(edition=draft, version=1, wording=parse(GAPS), file_name="a.txt", by=city_staff, at=AT)
    draft.refresh_from_db()
    assert (draft.version, draft.imported_from, len(held(draft))) == (1, "", 3)
    import_text(draft, GAPS, by=city_staff)
    assert {"art3", "art3~2"} <= set(held(draft))


def test_a_ruined_text_with_chapters_comes_through_whole(draft: Edition, city_staff: User) -> None:
    import_text(draft, RUINED, by=city_staff)
    rows = held(draft)
    assert rows["art1"].parent == rows["chap1"]
    assert {"art3-2/par1", "sup1/par2"} <= set(rows)
    assert [row.position for row in draft.provisions.all()] == list(range(1, len(rows) + 1))


def test_a_text_without_articles_is_refused(draft: Edition, city_staff: User) -> None:
    with pytest.raises(ValidationError, match="nothing to import"):
        import_text(draft, "お知らせ\n\n本日は休みです。\n", by=city_staff)


def test_the_first_wording_of_a_concluded_agreement_comes_in_once(center: Center, city_staff: User) -> None:
    edition = make_worded(center)
    with pytest.raises(ValidationError, match="by an amendment only"):
        import_text(edition, by=city_staff)


def test_a_proposed_and_a_confirmed_amendment_take_no_text(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    agreement = make_worded(center).agreement
    draft = make_amendment(agreement, city_staff)
    propose(draft, city_staff, change_talk(agreement, city_staff, foundation_staff))
    with pytest.raises(WrongStep):
        import_text(draft, by=city_staff)
    confirm(draft, foundation_staff)
    with pytest.raises(WrongStep):
        import_text(draft, by=city_staff)


def test_an_amendment_with_shifted_numbers_still_knows_what_it_goes_on_from(
    center: Center, city_staff: User
) -> None:
    first = make_worded(center)
    draft = make_amendment(first.agreement, city_staff)
    shifted = TEXT.replace("第3条", "第4条").replace(
        "（報告）", "（費用）\n第3条 費用は折半する。\n\n（報告）"
    )
    import_text(draft, shifted, by=city_staff)
    rows, before = held(draft), held(first)
    assert rows["art4"].continues == before["art3"]
    assert rows["art3"].continues is None


def test_an_import_that_somebody_else_overtook_changes_nothing(draft: Edition, city_staff: User) -> None:
    import_text(draft, by=city_staff)
    with pytest.raises(Conflict):
        import_wording(
            edition=draft,
            version=1,
            wording=parse(TEXT),
            file_name="b.txt",
            by=city_staff,
            at=AT,
            accept_problems=True,
        )
    draft.refresh_from_db()
    assert draft.imported_from == "協定書.txt"


def test_a_failed_history_write_undoes_the_import(
    draft: Edition, city_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_anything: object) -> None:
        raise RuntimeError("no history")

    monkeypatch.setattr(history, "record", fails)
    with pytest.raises(RuntimeError):
        import_text(draft, by=city_staff)
    draft.refresh_from_db()
    assert (draft.state, draft.imported_from, len(held(draft))) == (ProposalState.DRAFT, "", 3)


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_staff_of_both_sides_import(
    draft: Edition, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(PermissionDenied):
        import_text(draft, by=request.getfixturevalue(who))


def test_what_is_ours_follows_its_article_to_another_number(draft: Edition, city_staff: User) -> None:
    import_text(draft, by=city_staff)
    report = held(draft)["art3"]
    shifted = TEXT.replace("第3条", "第4条").replace(
        "（報告）", "（費用）\n第3条 費用は折半する。\n\n（報告）"
    )
    import_text(draft, shifted, by=city_staff)
    rows = held(draft)
    assert (rows["art4"], rows["art4"].summary) == (report, "財団は報告する。")
    assert (rows["art3"].heading, rows["art3"].summary) == ("費用", "")
    assert rows["art4/par1"].parent == report


def test_a_heading_is_enough_to_follow_before_there_is_any_official_text(
    draft: Edition, city_staff: User
) -> None:
    report = held(draft)["art3"]
    import_text(draft, TEXT.replace("第3条", "第9条"), by=city_staff)
    rows = held(draft)
    assert rows["art9"] == report
    assert (rows["art9~2"].summary, rows["art9~2"].text) == ("財団は検証を受ける。", ""), "it stepped aside"
