"""用地の無償貸付: the three grounds on which it ends, and the city's judgements: dated, given anew, corrected."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.html import strip_tags

from agreements.duties import calendar
from agreements.endings import consequences, judgement_actions
from agreements.endings.grants import EndedBy
from agreements.endings.judgement_actions import ConsequencesUnconfirmed, Judged, falls_key
from agreements.models import (
    AgreementKind,
    LandJudgement,
    Verdict,
    Verification,
    VerificationKind,
)
from agreements.pages import todo
from agreements.support import support
from agreements.verifications import actions, verification_years
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.models import HistoryEvent, ReviewState
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, store
from tests.builders.plans import tokyo
from tests.builders.support import make_criteria, make_land, make_verification_obligation

pytestmark = pytest.mark.django_db
JUDGED = date(2026, 6, 10)
FREE = "agreements.support/lab/free-land"


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(JUDGED))


@pytest.fixture
def basic(center):
    agreement = make_agreement(center)
    loan = make_agreement(
        center, code="land", kind=AgreementKind.LAND_LOAN, parent=agreement, ends_on=date(2052, 3, 31)
    )
    make_land(agreement, contract=loan)
    make_verification_obligation(agreement, VerificationKind.EFFECT)
    make_criteria(center)
    return agreement


def free_until(center, day, code="free-land"):
    (land,) = support.load(center, known_at=day, code=code)
    return land.grant.last_day if land.grant.ends_early else None


def is_free(center, day, code="free-land"):
    (land,) = support.load(center, known_at=day, code=code)
    return not land.is_over


def judge(center, by, verdict, *, year=2025, on=JUDGED, **more):
    """The city begins it, judges it without the foundation, and confirms what falls."""
    row = actions.begin(center=center, fiscal_year=FiscalYear(year), version=0, by=by, at=tokyo(on))
    given = {"judgements": dict.fromkeys(center.criteria.all(), "認める"), "follow_up": "協議する", **more}
    effect = more.get("takes_effect_on")
    if verdict == Verdict.DOES_NOT_MEET and "falls_seen" not in more:
        last = effect - timedelta(days=1) if effect else on
        given["falls_seen"] = falls_key(consequences.falls_with_the_land(center, last_day=last, day=on))
    return actions.judge(verification=row, version=row.version, verdict=verdict, by=by, at=tokyo(on), **given)


def performance(agreement, by, is_free, *, on=JUDGED, seen=0, **more):
    judged = Judged(is_free=is_free, reason="報告書が提出されない", takes_effect_on=more.pop("effect", None))
    return judgement_actions.judge_performance(
        agreement=agreement, judged=judged, seen=seen, by=by, at=tokyo(on), **more
    )


# -- The yearly 効果検証 --


def test_without_a_day_it_is_free_until_the_end_of_the_day(basic, center, city_staff) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    assert is_free(center, JUDGED)
    assert not is_free(center, JUDGED + timedelta(days=1))
    (land,) = support.load(center, known_at=JUDGED + timedelta(days=1), code="free-land")
    assert land.grant.ended_by is EndedBy.EFFECT


def test_a_day_of_effect_can_be_given(basic, center, city_staff) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET, takes_effect_on=date(2027, 4, 1))
    assert free_until(center, JUDGED) == date(2027, 3, 31)
    assert is_free(center, date(2027, 3, 31))
    assert not is_free(center, date(2027, 4, 1))


def test_but_not_before_the_day_of_the_judgement(basic, center, city_staff) -> None:
    with pytest.raises(ValidationError) as refused:
        judge(center, city_staff, Verdict.DOES_NOT_MEET, takes_effect_on=JUDGED - timedelta(days=1))
    assert "takes_effect_on" in refused.value.message_dict


def test_a_new_grant_is_judged_anew(basic, center, city_staff) -> None:
    """A negative judgement of R8.6.10 does not take what is granted from R8.10.1 on."""
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    loan = make_agreement(
        center,
        code="new-land",
        kind=AgreementKind.LAND_LOAN,
        parent=basic,
        starts_on=date(2026, 10, 1),
        concluded=date(2026, 9, 1),
    )
    make_land(basic, code="new", contract=loan, first_year=2026)
    for day in (date(2026, 10, 1), date(2030, 4, 1)):
        assert is_free(center, day, "new")
        assert not is_free(center, day)
    judge(center, city_staff, Verdict.DOES_NOT_MEET, year=2026, on=date(2027, 2, 1))
    assert not is_free(center, date(2027, 2, 2), "new")


def test_a_new_measure_under_the_same_contract_is_judged_anew_too(basic, center, city_staff) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    make_land(basic, code="new", contract=center.agreements.get(code="land"), first_year=2026)
    assert is_free(center, date(2026, 10, 1), "new")


def test_a_later_positive_one_gives_it_back_from_its_day(basic, center, city_staff) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    judge(center, city_staff, Verdict.MEETS, year=2026, on=date(2027, 6, 1), takes_effect_on=date(2027, 7, 1))
    assert not is_free(center, date(2027, 6, 30))
    assert is_free(center, date(2027, 7, 1))
    assert not is_free(center, date(2026, 12, 1))  # as it was known then


def test_a_negative_one_that_says_the_same_again_takes_nothing(basic, center, city_staff) -> None:
    """It was taken on R8.6.10: a second negative judgement does not make it free until its own day."""
    again = date(2027, 6, 1)
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    judge(center, city_staff, Verdict.DOES_NOT_MEET, year=2026, on=again)
    for day in (date(2026, 12, 1), again, date(2028, 4, 1)):
        assert free_until(center, day) == JUDGED
    judge(center, city_staff, Verdict.MEETS, year=2027, on=date(2028, 6, 1))
    judge(center, city_staff, Verdict.DOES_NOT_MEET, year=2028, on=date(2029, 6, 1))
    assert free_until(center, date(2029, 7, 1)) == date(2029, 6, 1)  # given back between, and lost anew


def test_and_calls_off_one_that_has_not_taken_effect(basic, center, city_staff) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET, takes_effect_on=date(2028, 4, 1))
    judge(center, city_staff, Verdict.MEETS, year=2026, on=date(2027, 6, 1))
    assert free_until(center, date(2027, 6, 1)) is None
    assert is_free(center, date(2028, 4, 1))


def test_a_wrong_one_is_corrected_and_stays_readable(basic, center, city_staff, log_in) -> None:
    row = judge(center, city_staff, Verdict.DOES_NOT_MEET)
    wrong = LandJudgement.objects.get()
    corrected_on = date(2026, 7, 1)
    with pytest.raises(ValidationError):
        judgement_actions.correct(
            judgement=wrong, judged=Judged(is_free=True), by=city_staff, at=tokyo(corrected_on)
        )
    judgement_actions.correct(
        judgement=wrong,
        judged=Judged(is_free=True, reason="資料の取り違え"),
        by=city_staff,
        at=tokyo(corrected_on),
    )
    assert is_free(center, corrected_on)
    assert not is_free(center, corrected_on - timedelta(days=1))  # as it was known then
    row.refresh_from_db()
    assert row.verdict == Verdict.DOES_NOT_MEET  # what was said is frozen
    assert HistoryEvent.objects.get(action="land_judgement.correct_judgement").reason == "資料の取り違え"
    with pytest.raises(Conflict):
        judgement_actions.correct(
            judgement=wrong, judged=Judged(is_free=True, reason="再"), by=city_staff, at=tokyo(corrected_on)
        )


def test_the_correction_goes_through_the_page(
    basic, center, city_staff, foundation_staff, time_machine, log_in
):
    judge(center, city_staff, Verdict.MEETS)
    time_machine.move_to(tokyo(date(2026, 7, 1)))
    city, address = log_in(city_staff), "/lab/verifications/effect/2025/"
    form = city.get(f"{address}correct/").context["form"]
    words = {
        "criterion-1": "不十分",
        "criterion-2": "認める",
        "follow_up": "協議する",
        "verdict": "does_not_meet",
        "takes_effect_on": "R9.4.1",
        "reason": "資料の取り違え",
        "judgement": form.initial["judgement"],
        "version": form.initial["version"],
    }
    shown = city.post(f"{address}correct/", words)
    assert shown.status_code == 200
    assert "令和9年3月31日限り" in strip_tags(shown.content.decode())
    assert LandJudgement.objects.count() == 1
    confirmed = {**words, "falls": shown.context["falls_keys"], "confirmed": "yes"}
    assert city.post(f"{address}correct/", confirmed).status_code == 302
    assert free_until(center, date(2026, 7, 1)) == date(2027, 3, 31)
    text = strip_tags(log_in(foundation_staff).get(address).content.decode())
    for said in ("不十分", "資料の取り違え", "令和9年4月1日", "現在は効力なし"):
        assert said in text
    assert log_in(foundation_staff).get(f"{address}correct/").status_code == 403


# -- It is the city's to make --


def test_the_city_begins_it_and_asks_the_foundation(
    basic, center, city_staff, foundation_staff, log_in
) -> None:
    """It was a 404 for the city until the foundation had assessed itself."""
    city, address = log_in(city_staff), "/lab/verifications/effect/2025/"
    page = city.get(address)
    assert page.status_code == 200
    assert page.context["sheet"].may_start
    assert city.post(f"{address}begin/", {"version": 0, "ask": "yes"}).status_code == 302
    row = Verification.objects.get()
    assert (row.state, row.asked_by, row.begun_by) == (ReviewState.DRAFT, city_staff, city_staff)
    assert [task.url for task in todo.tasks(foundation_staff, center, today=JUDGED)] == [address]
    assert "依頼" in strip_tags(log_in(foundation_staff).get(address).content.decode())


def test_what_the_foundation_drafts_stays_its_own(
    basic, center, city_staff, foundation_staff, log_in
) -> None:
    row = actions.begin(
        center=center, fiscal_year=FiscalYear(2025), version=0, by=city_staff, at=tokyo(JUDGED), ask=True
    )
    row = actions.save_draft(
        center=center,
        kind=VerificationKind.EFFECT,
        fiscal_year=FiscalYear(2025),
        version=row.version,
        result="下書きの要約",
        self_assessments=dict.fromkeys(center.criteria.all(), "下書きの評価"),
        by=foundation_staff,
        at=tokyo(JUDGED),
    )
    address = "/lab/verifications/effect/2025/"
    for text in ("下書きの要約", "下書きの評価"):
        assert text not in log_in(city_staff).get(address).content.decode()
    with pytest.raises(WrongStep):  # the city has begun it
        actions.discard(verification=row, version=row.version, by=foundation_staff, at=tokyo(JUDGED))
    row.refresh_from_db()
    given = {"judgements": dict.fromkeys(center.criteria.all(), "認める"), "follow_up": ""}
    actions.judge(
        verification=row, version=row.version, verdict=Verdict.MEETS, by=city_staff, at=tokyo(JUDGED), **given
    )
    assert "下書きの評価" not in log_in(city_staff).get(address).content.decode()


def test_it_waits_for_the_city_until_the_foundation_is_asked(
    basic, center, city_staff, foundation_staff
) -> None:
    def waits_for():
        items = calendar.load(center, city_staff, FiscalYear(2026), today=JUDGED).items
        return {
            side
            for item in items
            if item.duty and item.fiscal_year == FiscalYear(2025)
            for side in item.waits_for
        }

    store(center, 2026, by=city_staff)
    assert waits_for() == {"supporter"}
    actions.begin(
        center=center, fiscal_year=FiscalYear(2025), version=0, by=city_staff, at=tokyo(JUDGED), ask=True
    )
    assert waits_for() == {"operator"}


@pytest.mark.parametrize("person", ["foundation_staff", "city_viewer", "administrator", "foreign_city_staff"])
def test_nobody_else_begins_judges_or_corrects(basic, center, city_staff, person, request) -> None:
    other = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        actions.begin(center=center, fiscal_year=FiscalYear(2025), version=0, by=other, at=tokyo(JUDGED))
    with pytest.raises(PermissionDenied):
        performance(basic, other, False)
    judge(center, city_staff, Verdict.MEETS)
    with pytest.raises(PermissionDenied):
        judgement_actions.correct(
            judgement=LandJudgement.objects.get(),
            judged=Judged(is_free=True, reason="x"),
            by=other,
            at=tokyo(JUDGED),
        )


@pytest.mark.parametrize("verdict", Verdict)
def test_nothing_is_judged_under_a_contract_that_is_a_draft(center, city_staff, verdict) -> None:
    agreement = make_agreement(center)
    loan = make_agreement(center, code="land", kind=AgreementKind.LAND_LOAN, parent=agreement, concluded=None)
    make_land(agreement, contract=loan)
    make_verification_obligation(agreement, VerificationKind.EFFECT)
    with pytest.raises(ValidationError, match="締結"):
        judge(center, city_staff, verdict, falls_seen=[])
    assert Verification.objects.get().state == ReviewState.DRAFT


# -- The second ground: the foundation does not perform the agreement --


def test_an_act_of_its_own_shows_first_what_falls(basic, center, city_staff) -> None:
    with pytest.raises(ConsequencesUnconfirmed) as unconfirmed:
        performance(basic, city_staff, False, effect=date(2026, 8, 1))
    falls = unconfirmed.value.falls
    assert (falls_key(falls), falls.last_day) == ([FREE], date(2026, 7, 31))
    assert not LandJudgement.objects.exists()
    performance(basic, city_staff, False, effect=date(2026, 8, 1), falls_seen=[FREE])
    assert is_free(center, date(2026, 7, 31))
    (land,) = support.load(center, known_at=date(2026, 8, 1), code="free-land")
    assert (land.is_over, land.grant.ended_by) == (True, EndedBy.NON_PERFORMANCE)
    assert HistoryEvent.objects.get(action="land_judgement.judge").after["falls"] == [FREE]


def test_it_is_taken_back_by_a_later_act_or_replaced_as_wrong(basic, center, city_staff) -> None:
    first = performance(basic, city_staff, False, falls_seen=[FREE])
    with pytest.raises(Conflict):
        performance(basic, city_staff, True, seen=0)
    later = date(2026, 9, 1)
    performance(basic, city_staff, True, on=later, seen=first.pk)
    assert not is_free(center, later - timedelta(days=1))
    assert is_free(center, later)
    judgement_actions.correct(
        judgement=first,
        judged=Judged(is_free=True, reason="誤り"),
        by=city_staff,
        at=tokyo(date(2026, 10, 1)),
    )
    assert is_free(center, date(2026, 10, 1))
    assert not is_free(center, date(2026, 8, 1))  # as it was known then


def test_the_grounds_stand_by_themselves(basic, center, city_staff) -> None:
    """A good evaluation does not make up for an agreement that is not performed."""
    performance(basic, city_staff, False, falls_seen=[FREE])
    judge(center, city_staff, Verdict.MEETS, on=date(2026, 7, 1))
    assert not is_free(center, date(2026, 7, 2))


def test_the_second_ground_goes_through_the_browser(
    basic, center, city_staff, foundation_staff, log_in, time_machine
):
    city = log_in(city_staff)
    assert city.get("/lab/land/").status_code == 200
    words = {"finding": "not_performed", "takes_effect_on": "", "reason": "報告書が提出されない", "seen": "0"}
    shown = city.post("/lab/land/judge/", words)
    assert shown.status_code == 200
    assert "令和8年6月10日限り" in strip_tags(shown.content.decode())
    assert "協定書 land" in shown.content.decode()  # the contract stays
    assert not LandJudgement.objects.exists()
    confirmed = {**words, "falls": shown.context["falls_keys"], "confirmed": "yes"}
    assert city.post("/lab/land/judge/", confirmed).status_code == 302
    assert city.post("/lab/land/judge/", confirmed).status_code == 409
    time_machine.move_to(tokyo(JUDGED + timedelta(days=1)))
    foundation = log_in(foundation_staff)
    for page in ("/lab/land/", "/lab/support/free-land/", "/lab/support/"):
        text = strip_tags(foundation.get(page).content.decode())
        assert "財団が協定を履行しないとの市の判断" in text, page
        assert "協定 basic" in text
        assert "第11条" not in text, "that is the place of another center's agreement"
    assert foundation.get("/lab/land/judge/").status_code == 403
    held = LandJudgement.objects.get()
    typed = {"finding": "performed", "takes_effect_on": "", "reason": "取り違え", "seen": held.pk}
    assert log_in(city_staff).post(f"/lab/land/{held.pk}/correct/", typed).status_code == 302
    assert is_free(center, JUDGED + timedelta(days=1))


# -- What is shown before is what is shown afterwards --


@pytest.mark.parametrize("ground", ["effect", "performance"])
@pytest.mark.parametrize("effect", [JUDGED, JUDGED + timedelta(days=1), date(2027, 4, 1)])
def test_what_is_listed_is_no_longer_free_from_the_day_on(basic, center, city_staff, ground, effect) -> None:
    make_land(basic, code="over", first_year=2022, last_year=2025)
    make_land(basic, code="other", first_year=2022, last_year=2030)
    listed = falls_key(
        consequences.falls_with_the_land(center, last_day=effect - timedelta(days=1), day=JUDGED)
    )
    ended_before = ended(center, effect)
    if ground == "effect":
        judge(center, city_staff, Verdict.DOES_NOT_MEET, takes_effect_on=effect, falls_seen=listed)
    else:
        performance(basic, city_staff, False, effect=effect, falls_seen=listed)
    if effect > JUDGED:
        assert ended(center, effect - timedelta(days=1)) == ended_before
    assert ended(center, effect) == ended_before | set(listed)
    assert set(listed) == {FREE, "agreements.support/lab/other"}


def ended(center, day):
    return {f"agreements.support/lab/{one.code}" for one in support.load(center, known_at=day) if one.is_over}


def test_years_are_listed_with_the_judgement_that_holds(basic, center, city_staff) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    judgement_actions.correct(
        judgement=LandJudgement.objects.get(),
        judged=Judged(is_free=True, reason="誤り"),
        by=city_staff,
        at=tokyo(JUDGED),
    )
    (effects,) = [
        one for one in verification_years.kinds(city_staff, center, today=JUDGED) if not one.kind.is_joint
    ]
    assert [line.judged.is_free for line in effects.lines if line.judged] == [True]


# -- The list of verifications --


def list_of_verifications(log_in, person) -> str:
    text = strip_tags(log_in(person).get("/lab/verifications/").content.decode())
    return " ".join(text.split())


def test_a_good_verdict_does_not_hide_that_the_free_use_ended(
    basic, center, city_staff, log_in, time_machine
) -> None:
    """The list ended with 適合する although Art. 11(3) had taken the land: it says by what, and since when."""
    judge(center, city_staff, Verdict.MEETS)
    assert "無償貸付は" not in list_of_verifications(log_in, city_staff)
    effect = date(2027, 4, 1)
    falls = falls_key(consequences.falls_with_the_land(center, last_day=date(2027, 3, 31), day=JUDGED))
    performance(basic, city_staff, False, effect=effect, falls_seen=falls)
    for day in (JUDGED, effect):
        time_machine.move_to(tokyo(day))
        text = list_of_verifications(log_in, city_staff)
        assert "令和9年3月31日" in text
        assert "協定 basic" in text
        assert "第11条" not in text, "that is the place of another center's agreement"


def test_nor_that_it_ended_with_the_agreement(basic, center, city_staff, log_in, time_machine) -> None:
    judge(center, city_staff, Verdict.MEETS)
    basic.ends_on = date(2027, 3, 31)
    basic.save()
    time_machine.move_to(tokyo(date(2027, 4, 1)))
    assert "令和9年3月31日" in list_of_verifications(log_in, city_staff)


def test_a_new_grant_after_a_negative_judgement_is_not_called_ended(
    basic, center, city_staff, log_in, time_machine
) -> None:
    judge(center, city_staff, Verdict.DOES_NOT_MEET)
    make_land(basic, code="new-land", first_year=FiscalYear(2027), position=9)
    time_machine.move_to(tokyo(date(2027, 4, 1)))
    assert is_free(center, date(2027, 4, 1), "new-land")
    assert "無償貸付は" not in list_of_verifications(log_in, city_staff)
