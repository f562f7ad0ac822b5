"""Staff of either side say what an indicator's value is proposed from; nothing that was reported changes by it."""

import pytest

from iconm_portal.models import HistoryEvent
from kpi.models import Category, IndicatorBasis
from tests.builders.plans import TRIALS, make_plan

pytestmark = pytest.mark.django_db
PAGE = "/lab/bases/"
TO = f"{PAGE}research/trials/"
NOTHING = "category//"
COUNTED = "category/trials/records"


@pytest.fixture
def indicator(center):
    Category.objects.create(center=center, code="trials", name="治験", unit="件")
    return make_plan(center, indicators=[TRIALS]).indicators.get()


def choose(log_in, person, basis: str, seen: str):
    return log_in(person).post(TO, {"basis": basis, "seen": seen, "reason": "台帳から数える"})


def test_is_set_changed_and_taken_away(indicator, city_staff, log_in) -> None:
    assert "治験" in log_in(city_staff).get(TO).content.decode()
    assert choose(log_in, city_staff, COUNTED, NOTHING).status_code == 302
    assert IndicatorBasis.objects.get().category.code == "trials"
    assert choose(log_in, city_staff, "category/trials/people", COUNTED).status_code == 302
    assert IndicatorBasis.objects.get().measured == "people"
    assert choose(log_in, city_staff, NOTHING, "category/trials/people").status_code == 302
    assert not IndicatorBasis.objects.exists()
    done = HistoryEvent.objects.filter(action="basis.change").order_by("pk")
    assert [event.after.get("basis") for event in done] == [COUNTED, "category/trials/people", None]


@pytest.mark.parametrize("basis", ["account/none", "category/trials/nonsense", "x", ""])
def test_what_is_not_listed_is_refused_at_its_place(indicator, city_staff, log_in, basis) -> None:
    response = choose(log_in, city_staff, basis, NOTHING)
    assert response.status_code == 400
    assert not IndicatorBasis.objects.exists()


@pytest.mark.parametrize("seen", [COUNTED, "", "x"])
def test_who_saw_an_older_state_is_told(indicator, city_staff, log_in, seen) -> None:
    assert choose(log_in, city_staff, "category/trials/people", seen).status_code == 409
    assert not IndicatorBasis.objects.exists()
