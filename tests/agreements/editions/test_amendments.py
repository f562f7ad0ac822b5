"""An amendment from draft to confirmation: when it may begin and take effect, who settles it, and what stays readable."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from agreements.editions import actions, draft_actions, editions
from agreements.editions.draft_actions import Wanted
from agreements.editions.editions import EditionStanding
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.models import Agreement, Edition, Provision
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, ProposalState, Role, User
from tests.builders.agreements import a_pdf, make_agreement, make_edition, make_obligation
from tests.builders.editions import (
    AT,
    CHANGE_ON,
    TODAY,
    change_talk,
    confirm,
    make_amendment,
    make_worded,
    propose,
)
from tests.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def first(center: Center) -> Edition:
    return make_worded(center)


@pytest.fixture
def draft(first: Edition, city_staff: User) -> Edition:
    return make_amendment(first.agreement, city_staff)


def standings(agreement: Agreement, user: User, day: date = TODAY) -> list[tuple[int, EditionStanding]]:
    found = editions.load(user, agreement.center, agreement, day=day)
    return [(line.number, line.standing) for line in found.lines]


def keys(edition: Edition) -> list[str]:
    return [row.key for row in edition.provisions.all()]


def changed(draft: Edition, by: User, step: Any, **what: Any) -> Any:
    made = step(edition=draft, version=draft.version, by=by, at=AT, **what)
    draft.refresh_from_db()
    return made


# -- Beginning --


def test_a_draft_begins_as_a_copy_that_knows_what_it_goes_on_from(draft: Edition, first: Edition) -> None:
    assert keys(draft) == keys(first)
    before = {row.key: row for row in first.provisions.all()}
    for row in draft.provisions.select_related("parent", "continues"):
        assert row.continues == before[row.key]
        assert (row.parent.key if row.parent else "") == row.key.rpartition("/")[0]


@pytest.mark.parametrize("day", [date(2022, 3, 31), date(2022, 4, 1), date(2015, 1, 1)])
def test_it_does_not_take_effect_before_the_agreement_or_with_the_first_wording(
    first: Edition, city_staff: User, day: date
) -> None:
    with pytest.raises(ValidationError) as refused:
        make_amendment(first.agreement, city_staff, day=day)
    assert set(refused.value.message_dict) == {"in_force_from"}
    assert first.agreement.editions.count() == 1


def test_it_does_not_take_effect_after_the_agreement_s_end(center: Center, city_staff: User) -> None:
    first = make_worded(center, ends_on=date(2027, 3, 31))
    with pytest.raises(ValidationError, match="before the agreement's end"):
        make_amendment(first.agreement, city_staff)


def test_it_needs_a_reason(first: Edition, city_staff: User) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        draft_actions.start_amendment(
            agreement=first.agreement, in_force_from=CHANGE_ON, reason=" ", by=city_staff, at=AT
        )


def test_there_is_one_at_a_time(draft: Edition, foundation_staff: User) -> None:
    with pytest.raises(ValidationError, match="prepared already"):
        make_amendment(draft.agreement, foundation_staff)


def test_a_draft_agreement_is_not_amended(center: Center, city_staff: User) -> None:
    edition = make_edition(make_agreement(center, concluded=None))
    with pytest.raises(ValidationError, match="not concluded yet"):
        make_amendment(edition.agreement, city_staff)


# -- Wording --


def test_an_article_is_added_at_the_place_of_its_number(draft: Edition, city_staff: User) -> None:
    words = Wanted(heading="費用", text="費用は折半する。")
    changed(draft, city_staff, draft_actions.add_provision, within="", number="第２条の２", wanted=words)
    assert keys(draft)[-4:] == ["art2-2", "art2-2/par1", "art3", "art3/par1"]
    added = draft.provisions.get(key="art2-2/par1")
    assert (added.text, added.parent and added.parent.heading) == ("費用は折半する。", "費用")
    positions = [row.position for row in draft.provisions.all()]
    assert positions == list(range(1, len(positions) + 1))


@pytest.mark.parametrize(
    ("within", "number", "key"),
    [
        ("art2", "3", "art2/par3"),
        ("art2/par1", "（３）", "art2/par1/item3"),
        ("art2/par1/item2", "ウ", "art2/par1/item2/sub3"),
    ],
)
def test_what_stands_under_a_provision_is_added_there(
    draft: Edition, city_staff: User, within: str, number: str, key: str
) -> None:
    added = changed(
        draft,
        city_staff,
        draft_actions.add_provision,
        within=within,
        number=number,
        wanted=Wanted(text="記録"),
    )
    assert (added.key, added.parent.key) == (key, within)


@pytest.mark.parametrize("number", ["第2条", "いち", "第2条の2の記載", ""])
def test_a_number_that_is_none_or_is_there_already_is_refused(
    draft: Edition, city_staff: User, number: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        changed(
            draft,
            city_staff,
            draft_actions.add_provision,
            within="",
            number=number,
            wanted=Wanted(text="費用"),
        )
    assert set(refused.value.message_dict) == {"number"}


def test_a_provision_goes_with_all_below_it(draft: Edition, city_staff: User) -> None:
    assert changed(draft, city_staff, draft_actions.remove_provision, key="art2/par1") == 5
    assert keys(draft) == ["art1", "art1/par1", "art2", "art2/par2", "art3", "art3/par1"]
    event = HistoryEvent.objects.filter(action="edition.change").first()
    assert event is not None
    assert event.before["art2/par1/item1"]["text"] == "準備"


def test_the_second_of_two_at_one_provision_is_told_and_loses_nothing_to_the_first(
    draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    seen = draft.version
    changed(draft, city_staff, draft_actions.change_provision, key="art1/par1", wanted=Wanted(text="一人目"))
    with pytest.raises(Conflict):
        draft_actions.change_provision(
            edition=draft,
            version=seen,
            key="art1/par1",
            wanted=Wanted(text="二人目"),
            by=foundation_staff,
            at=AT,
        )
    assert draft.provisions.get(key="art1/par1").text == "一人目"


def test_a_discarded_draft_leaves_its_words_in_the_history(draft: Edition, foundation_staff: User) -> None:
    actions_before = Provision.objects.count()
    actions.discard(edition=draft, version=draft.version, by=foundation_staff, at=AT)
    assert Provision.objects.count() < actions_before
    event = HistoryEvent.objects.get(action="edition.discard")
    assert "6月末" in event.before["art3/par1"]


# -- Settling --


def test_proposed_by_one_side_and_confirmed_by_the_other_it_takes_effect_on_its_day(
    draft: Edition, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    agreement = draft.agreement
    assert standings(agreement, city_viewer) == [(1, EditionStanding.IN_FORCE)]
    talk = change_talk(agreement, city_staff, foundation_staff)
    propose(draft, city_staff, talk)
    assert standings(agreement, foundation_staff)[1] == (2, EditionStanding.PROPOSED)
    confirm(draft, foundation_staff)
    assert (draft.known_from, draft.consultation) == (TODAY, talk)
    made = conclusion_actions.record_conclusion(
        agreement=agreement,
        edition=draft,
        concluded_on="2026-11-20",
        document_number="8臨拠第12号",
        scan=a_pdf("変更協定書.pdf"),
        by=city_staff,
        at=AT,
    )
    conclusion_actions.confirm(conclusion=made, version=made.version, by=foundation_staff, at=AT)
    assert agreement.conclusions.filter(edition=None).count() == 1, "the agreement's own stays its own"
    assert standings(agreement, city_viewer) == [(1, EditionStanding.IN_FORCE), (2, EditionStanding.COMING)]
    assert standings(agreement, city_viewer, CHANGE_ON) == [
        (1, EditionStanding.PAST),
        (2, EditionStanding.IN_FORCE),
    ]


def test_the_database_freezes_what_is_confirmed(
    draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    confirm(draft, foundation_staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        draft.provisions.update(text="別の文")
    with pytest.raises(WrongStep):
        draft_actions.change_provision(
            edition=draft,
            version=draft.version,
            key="art1/par1",
            wanted=Wanted(text="別"),
            by=city_staff,
            at=AT,
        )


def test_nobody_settles_both_sides(draft: Edition, city_staff: User, foundation_staff: User) -> None:
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    colleague = make_person("colleague", draft.agreement.center.supporter, Role.STAFF)
    with pytest.raises(SamePerson):
        confirm(draft, city_staff)
    with pytest.raises(SameSide):
        confirm(draft, colleague)


def test_declined_it_is_open_again_and_says_why(
    draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    talk = change_talk(draft.agreement, city_staff, foundation_staff)
    propose(draft, city_staff, talk)
    changed(draft, foundation_staff, actions.decline, reason="期限が早すぎる。")
    assert (draft.decline_reason, standings(draft.agreement, city_staff)[1][1]) == (
        "期限が早すぎる。",
        EditionStanding.DECLINED,
    )
    changed(
        draft, city_staff, draft_actions.change_provision, key="art1/par1", wanted=Wanted(text="改めた文")
    )
    again = propose(draft, city_staff, talk)
    assert (again.state, again.decline_reason) == (ProposalState.PROPOSED, "")


def test_the_proposing_side_takes_it_back(draft: Edition, city_staff: User, foundation_staff: User) -> None:
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    with pytest.raises(ValidationError, match="Only the side"):
        changed(draft, foundation_staff, actions.take_back)
    changed(draft, city_staff, actions.take_back)
    assert standings(draft.agreement, city_staff)[1] == (2, EditionStanding.DRAFTED)


def test_it_takes_a_confirmed_consultation_about_a_change(
    draft: Edition, city_staff: User, foundation_staff: User, center: Center
) -> None:
    other = make_agreement(center, code="other")
    for talk in (
        change_talk(draft.agreement, city_staff, None),
        change_talk(other, city_staff, foundation_staff),
    ):
        with pytest.raises(ValidationError) as refused:
            propose(draft, city_staff, talk)
        assert set(refused.value.message_dict) == {"consultation"}


def test_an_amendment_that_changes_nothing_is_not_proposed(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    same = draft_actions.start_amendment(
        agreement=first.agreement, in_force_from=CHANGE_ON, reason="理由", by=city_staff, at=AT
    )
    with pytest.raises(ValidationError, match="says the same"):
        propose(same, city_staff, change_talk(first.agreement, city_staff, foundation_staff))


def test_obligations_are_found_under_the_new_numbers(
    first: Edition, city_staff: User, foundation_staff: User
) -> None:
    obligation = make_obligation(first.agreement, provision=first.provisions.get(key="art3/par1"))
    draft = make_amendment(first.agreement, city_staff)
    Provision.objects.filter(edition=draft, key="art3/par1").update(key="art4/par1")
    found = {part.provision.key: part.obligations for part in editions.read(draft).parts}
    assert found["art4/par1"] == (obligation,)
    obligation.refresh_from_db()
    assert obligation.provision is not None
    assert obligation.provision.edition == first, "it keeps meaning the edition it meant"


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_staff_of_both_sides_amend(first: Edition, who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        make_amendment(first.agreement, request.getfixturevalue(who))
