"""The 効果検証 rests on the figures that its page showed. When they change, its page says so, and the city alone has a task:
it says that its judgement stands, or corrects it. The papers print the judgement that holds, with the earlier one."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.duties import calendar, duty_status, sheets
from agreements.duties import texts as duty_texts
from agreements.duties.duty_status import Progress
from agreements.endings import consequences, judgement_actions
from agreements.endings.judgement_actions import Judged, falls_key
from agreements.endings.resting import EFFECT
from agreements.models import AgreementKind, Verdict, VerificationKind
from agreements.pages import overview, overview_sheets
from agreements.verifications import actions
from iconm_portal.models import RestsOn
from iconm_portal.standing import changes
from iconm_portal.values.fiscal import FiscalYear
from tests.builders import finance
from tests.builders.agreements import make_agreement
from tests.builders.plans import tokyo
from tests.builders.standing import correct_statement, propose_as_it_is
from tests.builders.support import make_criteria, make_land, make_verification_obligation
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db
JUDGED, CHANGED, TODAY = date(2026, 6, 10), date(2026, 9, 12), date(2026, 10, 1)
KEY = "effect/2025"
LESS = finance.USUAL | {"other": 100_500}


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(TODAY))


@pytest.fixture
def judged(center, city_staff, foundation_staff):
    """FY2025 settled, and judged free by the city; nothing reported yet."""
    agreement = make_agreement(center)
    loan = make_agreement(center, code="land", kind=AgreementKind.LAND_LOAN, parent=agreement)
    make_land(agreement, contract=loan)
    make_verification_obligation(agreement, VerificationKind.EFFECT)
    make_criteria(center)
    finance.make_accounts(center)
    statement = finance.settled(
        center, 2025, by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 28))
    )
    row = actions.begin(
        center=center, fiscal_year=FiscalYear(2025), version=0, by=city_staff, at=tokyo(JUDGED)
    )
    given = {"judgements": dict.fromkeys(center.criteria.all(), "認める"), "follow_up": "続ける"}
    row = actions.judge(
        verification=row,
        version=row.version,
        verdict=Verdict.MEETS,
        by=city_staff,
        at=tokyo(JUDGED),
        **given,
    )
    return row, statement


@pytest.fixture
def changed(judged, city_staff, foundation_staff):
    row, statement = judged
    correct_statement(statement, LESS, by=foundation_staff, reviewer=city_staff, day=CHANGED)
    return row


def correct_to_negative(row, by, *, day=date(2026, 9, 20)):
    judgement = row.land_judgements.get()
    seen = falls_key(consequences.falls_with_the_land(row.center, last_day=day, day=day))
    judged = Judged(
        is_free=False, reason="決算の訂正による", follow_up="協議する", said={"criterion-1": "認めない"}
    )
    return judgement_actions.correct(
        judgement=judgement, judged=judged, falls_seen=seen, by=by, at=tokyo(day)
    )


def found(center, day=TODAY):
    return changes.load(center, known_at=day).of(EFFECT, KEY)


def test_it_rests_on_what_there_was_to_show(judged, center) -> None:
    rows = RestsOn.objects.filter(settled_kind=EFFECT).values_list("kind", "key", "revision", "known_from")
    assert list(rows) == [("finance.settlement", "2025", "settlement-r1", JUDGED)]
    assert found(center) is None


def test_a_change_is_told_to_all_and_is_a_task_of_the_city_alone(
    changed, center, city_staff, foundation_staff, log_in
) -> None:
    unsettled = found(center)
    assert unsettled is not None
    assert unsettled.waits_for(center.side_of(city_staff))
    assert not unsettled.waits_for(center.side_of(foundation_staff))
    assert found(center, date(2026, 9, 11)) is None
    page = log_in(foundation_staff).get(reverse("kpi:evaluation", args=[center.code, 2025])).content.decode()
    assert "判断後に数値の変更あり" in page
    assert "計上漏れ" in page
    listed = log_in(city_staff).get(reverse("agreements:verifications", args=[center.code])).content.decode()
    assert "適合（判断後に数値の変更あり）" in listed


def test_calendar_and_papers_claim_no_more_of_the_duty(changed, center, city_staff, log_in) -> None:
    """It was fulfilled by the first judgement, and the figures that this rests on have changed."""
    item = calendar.find(
        center,
        city_staff,
        agreement="basic",
        place="verify-effect",
        year=FiscalYear(2025),
        today=TODAY,
    )
    assert item is not None
    assert duty_texts.state(item) == "判断後に数値の変更あり"
    address = reverse("agreements:calendar_of_year", args=[center.code, 2026])
    assert "判断後に数値の変更あり" in log_in(city_staff).get(address).content.decode()
    for day, progress in ((date(2026, 9, 11), Progress.SETTLED), (TODAY, Progress.CHANGED)):
        (done,) = duty_status.concerning(center, FiscalYear(2025), known_at=day)
        assert done.progress is progress
    assert sheets.PROGRESS[Progress.CHANGED] == "履行済み（判断後に数値の変更あり）"


def test_the_city_says_alone_that_it_stands(changed, center, city_staff, foundation_staff, log_in) -> None:
    with pytest.raises(ValidationError):
        propose_as_it_is(center, EFFECT, KEY, by=foundation_staff, day=date(2026, 9, 20))
    client = log_in(city_staff)
    address = reverse("standing:propose", args=[center.code]) + f"?kind={EFFECT}&key={KEY}"
    assert "自らの側のみで" in client.get(address).content.decode()
    client.post(address, {"reason": "判断に影響しない"})
    assert found(center) is None
    page = client.get(reverse("kpi:evaluation", args=[center.code, 2025])).content.decode()
    assert "判断に影響しない" in page
    assert "判断後に数値の変更あり" not in page
    (answer,) = center.answers.all()
    assert answer.is_confirmed
    given = client.get(reverse("standing:answer", args=[center.code, answer.pk])).content.decode()
    assert "双方" not in given.split('class="finding"')[1].split("</p>")[0]


def test_a_correction_of_the_judgement_settles_it_anew(changed, center, city_staff) -> None:
    correct_to_negative(changed, city_staff)
    assert found(center) is None
    assert found(center, date(2026, 9, 19)) is not None


def test_beside_a_corrected_judgement_stands_what_was_known_on_its_own_day(
    changed, center, city_staff, log_in
) -> None:
    """It rests on the corrected settlement: the figures of the first judgement's day are not its own."""
    page = reverse("kpi:evaluation", kwargs={"center": center.code, "year": changed.fiscal_year})
    assert log_in(city_staff).get(page).context["evaluation"].known_at == JUDGED
    correct_to_negative(changed, city_staff)
    response = log_in(city_staff).get(page)
    assert response.context["evaluation"].known_at == date(2026, 9, 20)
    assert "令和8年9月20日現在" in " ".join(response.content.decode().split())


def test_the_papers_print_the_judgement_that_holds_and_the_earlier_one(changed, center, city_staff) -> None:
    correct_to_negative(changed, city_staff)
    before = overview.verifications(center, known_at=date(2026, 9, 19))
    printed = str(overview_sheets.verifications_sheet(center, before, known_at=date(2026, 9, 19)))
    assert "【判断後に変更あり】令和7年度 収支決算書（第2版）" in printed
    assert "規定に適合しない" not in printed
    rows = overview.verifications(center, known_at=TODAY)
    printed = str(overview_sheets.verifications_sheet(center, rows, known_at=TODAY))
    assert (
        "規定に適合しない【判断の訂正】訂正前：規定に適合（R8.6.10）。R8.9.20訂正：決算の訂正による"
        in printed
    )
    assert "観点1：認めない" in printed
    assert "協議する" in printed
    assert "続ける" not in printed
    data = overview_sheets.verifications_data(center, rows)
    (row,) = [dict(zip([one.key for one in data.columns], line, strict=True)) for line in data.rows]
    assert (row["verdict"], row["first_verdict"]) == ("does_not_meet", "meets")
    assert (row["settled_on"], row["judgement_corrected_on"]) == (JUDGED, date(2026, 9, 20))


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "根拠は記録されていません"), ("en", "rests on is not recorded")]
)
def test_a_judgement_of_which_nothing_is_recorded_says_so(judged, client, city_viewer, language, said):
    client.force_login(city_viewer)
    client.cookies["django_language"] = language
    page = reverse("kpi:evaluation", kwargs={"center": judged[0].center.code, "year": judged[0].fiscal_year})
    assert said not in client.get(page).content.decode()
    with no_guards():
        RestsOn.objects.all().delete()
    assert said in client.get(page).content.decode()
