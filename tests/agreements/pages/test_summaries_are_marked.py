"""Conditions of support measures and names of obligations are in the portal's own words: marked 要旨 wherever they stand."""

from datetime import date

import pytest

from agreements.models import Agreement
from agreements.support import sheets, support
from iconm_portal.models import Center, User
from tests.builders.agreements import make_agreement, make_edition, make_obligation, make_provision
from tests.builders.support import make_measure
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]

MARK = '<span class="badge">要旨</span>'


@pytest.fixture
def agreement(center: Center) -> Agreement:
    made = make_agreement(center)
    make_edition(made)
    return made


def page_of(log_in: LogIn, person: User, address: str) -> str:
    answer = log_in(person).get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    "address",
    [
        "/lab/calendar/2026/",
        "/lab/calendar/2025/basic/report/",
        "/lab/master/agreements/basic/",
        "/lab/agreements/basic/editions/1/",
    ],
)
def test_what_is_owed_is_marked(log_in: LogIn, city_staff: User, agreement: Agreement, address: str) -> None:
    assert MARK not in page_of(
        log_in, city_staff, address.replace("calendar/2025/basic/report/", "calendar/2026/")
    )
    provision = make_provision(agreement.editions.get(), "art9", summary="")
    make_obligation(agreement, provision=provision)
    page = page_of(log_in, city_staff, address)
    assert MARK in page
    assert "事業報告書と収支決算書の提出" in page


@pytest.mark.parametrize("source", ["T8", ""])
def test_conditions_are_marked_on_page_and_paper(
    log_in: LogIn, city_staff: User, agreement: Agreement, source: str
) -> None:
    """Whether they came with a document or were entered here: both are summed up."""
    measure = make_measure(agreement, source=source)
    address = "/lab/support/grant/"
    assert MARK not in page_of(log_in, city_staff, address)
    measure.conditions = "市の予算の範囲内。"
    measure.save()
    page = page_of(log_in, city_staff, address)
    assert page.index(MARK) < page.index("市の予算の範囲内。")
    known = support.load(agreement.center, known_at=date(2026, 11, 24))
    notes = sheets.support_sheet(agreement.center, known, known_at=date(2026, 11, 24)).notes
    assert any("市の予算の範囲内。（要旨）" in note for note in notes)
    assert any("当ポータルの要約" in note for note in notes)
