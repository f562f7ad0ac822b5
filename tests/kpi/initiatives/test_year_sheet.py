"""A year's plans and results on one sheet: all that changed is saved, or nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, HistoryEvent, User
from kpi.models import InitiativeYear
from tests.browser import LogInWindow, fits
from tests.builders.initiatives import make_category, make_scheme, make_year
from tests.kpi.targets.test_first_plan import filled
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
HERE = "/lab/initiatives/2026/sheet/"


def test_a_whole_year_is_saved_at_once(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    first, second, third = make_category(make_scheme(center), activities=3).initiatives.all()
    make_year(first, 2026, by=foundation_staff, plan="計画した")
    before = HistoryEvent.objects.count()
    typed = {f"result-{first.pk}": "12件", f"plan-{second.pk}": "講座を開く"}
    assert filled(log_in(foundation_staff), HERE, **typed).url == "/lab/initiatives/2026/"
    rows = InitiativeYear.objects.order_by("initiative__position")
    assert [(row.initiative, row.plan, row.result, row.version) for row in rows] == [
        (first, "計画した", "12件", 2),
        (second, "講座を開く", "", 1),
    ]
    assert HistoryEvent.objects.count() == before + 2
    assert third.text in log_in(foundation_staff).get(HERE).content.decode()


def test_nothing_is_saved_where_one_cannot_be(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    first, second = make_category(make_scheme(center), activities=2).initiatives.all()
    here = "/lab/initiatives/2027/sheet/"
    typed = {f"plan-{first.pk}": "計画", f"result-{second.pk}": "まだ始まらない年度の結果"}
    answer = filled(log_in(foundation_staff), here, **typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {f"result-{second.pk}"})
    assert "まだ始まらない年度の結果" in answer.content.decode()
    assert not InitiativeYear.objects.exists()
    assert filled(log_in(foundation_staff), here).url == "/lab/initiatives/2027/"
    assert not InitiativeYear.objects.exists()
    assert log_in(foundation_staff).get("/lab/initiatives/2010/sheet/").status_code == 404


def test_the_queries_do_not_grow(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    scheme, client, numbers = make_scheme(center), log_in(foundation_staff), []
    client.get(HERE)
    for number in (2, 30):
        make_category(scheme, code=f"c{number}", activities=number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HERE).status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


@pytest.mark.django_db(transaction=True)
def test_the_sheet_fits_a_telephone(window: LogInWindow, center: Center, foundation_staff: User) -> None:
    make_category(make_scheme(center), activities=3)
    page = window(foundation_staff.username)
    page.goto(HERE)
    assert fits(page, page.locator("h1").inner_text())
