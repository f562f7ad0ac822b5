"""What several pages say of one thing is the same: ends, terms and amounts; and whose words they are."""

from datetime import date

import pytest

from agreements.instruments import ending_actions
from agreements.models import AgreementKind, LimitRule
from agreements.pages import todo
from agreements.support import amended_texts
from iconm_portal.models import Center, User
from tests.builders.agreements import make_agreement, make_obligation, proposed_ending, store
from tests.builders.plans import tokyo
from tests.builders.support import make_measure
from tests.days import TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


def text(by: User, page: str, log_in: LogIn) -> str:
    return log_in(by).get(page).content.decode()


def test_an_agreed_end_stands_in_the_master_data_too(
    center: Center, city_staff: User, foundation_staff: User, log_in: LogIn
) -> None:
    basic = make_agreement(center)
    make_agreement(center, code="research", kind=AgreementKind.RESEARCH_SUPPORT, parent=basic)
    assert "R9.3.31" not in text(city_staff, "/lab/master/", log_in)
    ending = proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff, ends_on=date(2027, 3, 31))
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=tokyo(TODAY))
    assert text(city_staff, "/lab/master/", log_in).count("R9.3.31") == 2, "what stands under it ends with it"
    for code in ("basic", "research"):
        assert "令和9年3月31日" in text(city_staff, f"/lab/master/agreements/{code}/", log_in)


def test_a_measure_in_the_master_data_has_its_amount(center: Center, city_staff: User, log_in: LogIn) -> None:
    make_measure(make_agreement(center))
    assert "9億円" in text(city_staff, "/lab/master/agreements/basic/", log_in)


def test_a_measure_without_a_last_year_is_not_called_endless(center: Center) -> None:
    """Its agreement may have an end."""
    basic = make_agreement(center, ends_on=date(2027, 3, 31))
    grant = make_measure(basic, last_year=None, total=None, limit_rule=LimitRule.NONE)
    assert amended_texts.terms_in_words(grant) == "R4から"


def test_what_loses_its_ground_is_named_in_one_line(
    center: Center, city_staff: User, foundation_staff: User, log_in: LogIn
) -> None:
    basic = make_agreement(center)
    for code in ("research", "more"):
        make_agreement(center, code=code, kind=AgreementKind.RESEARCH_SUPPORT, parent=basic)
    ending = proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff, ends_on=date(2027, 3, 31))
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=tokyo(TODAY))
    page = text(city_staff, "/lab/agreements/basic/", log_in)
    assert page.count("根拠を失う") == 1


def test_a_summary_is_marked_in_the_list_of_tasks(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    make_obligation(make_agreement(center))
    store(center, 2026, by=foundation_staff)
    tasks = todo.tasks(foundation_staff, center, today=TODAY)
    marked = {task.is_summary for task in tasks if task.url.endswith("/basic/report/")}
    assert marked == {True}
    home = text(foundation_staff, "/lab/", log_in)
    assert "要旨" in home.partition('id="todo"')[2].partition("</section>")[0]
