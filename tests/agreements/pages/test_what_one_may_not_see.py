"""What lies only before the two staffs is to others not called absent: they are told what both sides confirmed."""

import pytest

from iconm_portal.models import Center, User
from tests.builders.agreements import make_agreement, make_consultation, proposed_ending
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


def text(by: User, page: str, log_in: LogIn) -> str:
    return log_in(by).get(page).content.decode()


def test_consultations(
    center: Center, city_staff: User, city_viewer: User, foundation_staff: User, log_in: LogIn
) -> None:
    basic = make_agreement(center)
    make_consultation(center, proposer=city_staff, agreement=basic)
    assert "協議の記録は1件です" in text(city_staff, "/lab/consultations/", log_in)
    page = text(city_viewer, "/lab/consultations/", log_in)
    assert "両者が確認した協議は0件です。" in page
    assert "両者が確認した協議の記録はまだありません。" in page
    assert "両者が確認した協議の記録はありません。" in text(city_viewer, "/lab/agreements/basic/", log_in)


def test_endings(
    center: Center, city_staff: User, city_viewer: User, foundation_staff: User, log_in: LogIn
) -> None:
    proposed_ending(make_agreement(center), by=city_staff, confirmed_by=foundation_staff)
    page = text(city_viewer, "/lab/agreements/basic/", log_in)
    assert "解約の申出も、両者が確認した終了の記録もありません。" in page
    assert "終了の記録もありません" not in text(foundation_staff, "/lab/agreements/basic/", log_in)


def test_plans(center: Center, city_viewer: User, foundation_staff: User, log_in: LogIn) -> None:
    log_in(foundation_staff).post("/lab/kpi/next/start/", {})
    page = text(city_viewer, "/lab/kpi/next/", log_in)
    assert "両者が合意した次期計画はありません。" in page
    assert "準備中の計画はありません" not in page


def test_conclusions(center: Center, city_viewer: User, log_in: LogIn) -> None:
    make_agreement(center, concluded=None)
    page = text(city_viewer, "/lab/agreements/basic/", log_in)
    assert "両者が確認した締結の記録のない「案」です。" in page
