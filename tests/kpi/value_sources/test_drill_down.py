"""Task 2: from the number to the things counted; and the register as the reference report names it."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.translation import override

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.loading import reference
from kpi.models import Record
from kpi.register import counting
from kpi.value_sources import drill_down, drill_down_texts
from tests.builders.plans import Accepted, make_plan
from tests.builders.records import make_record, make_register
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


def test_from_the_reported_number_to_the_things_counted(
    center: Center, foundation_staff: User, city_viewer: User, accepted_report: Accepted, log_in: LogIn
) -> None:
    plan = make_plan(center)
    category = make_register(plan, by=foundation_staff)
    make_record(category, "日付不明の会社")
    accepted_report(plan, 2022, {"trials": 2, "patents": 1, "income": 1, "occupancy": 1})
    client = log_in(city_viewer)
    kwargs = {"center": center.code, "plan": plan.code, "indicator": "trials"}
    address = reverse("kpi:counted", kwargs=kwargs | {"year": 2022})
    assert address in client.get(reverse("kpi:indicator", kwargs=kwargs)).content.decode()
    response = client.get(address)
    page = response.content.decode()
    found = response.context["found"]
    assert (found.cell.value, found.value, found.difference) == (2, 1, 1)
    assert [record.title for record in found.records] == ["海風バイオ(株)"]
    for told in ("日付不明の会社", "設立中止", foundation_staff.name):
        assert told in page
    before = client.get(address, {"as_of": "2022-08-31"}).context["found"]
    assert before.value is None  # nothing was recorded by then
    assert client.get(address, {"as_of": "昨日"}).status_code == 200
    assert client.get(reverse("kpi:counted", kwargs=kwargs | {"year": 2031})).status_code == 404
    patents = {"center": center.code, "plan": plan.code, "indicator": "patents", "year": 2022}
    assert client.get(reverse("kpi:counted", kwargs=patents)).status_code == 404  # nothing counts it


def test_seven_ventures_were_reported_and_six_are_named() -> None:
    reference.load()
    iconm = Center.objects.get(code="iconm")
    today = date(2026, 11, 24)
    found = drill_down.load(iconm, "support-r4", "ventures", FiscalYear(2021), today=today, as_of=None)
    assert (found.as_of, found.cell.value, found.value) == (date(2021, 11, 30), 7, 6)
    before = drill_down.load(iconm, "support-r1", "ventures", FiscalYear(2020), today=today, as_of=None)
    assert (before.cell.value, before.value, before.sums.vague) == (5, 1, 4)
    with override("ja"):
        assert drill_down_texts.finding(before) == (
            "令和2年度の報告値は5社で、台帳で確かなものは1社です。日付の定まらない記録を含めれば一致する可能性があります。"
            "ほかに、日付が定まらず数えていない記録が4件あります。"
        )
        at_all = drill_down.load(iconm, "support-r1", "ventures", FiscalYear(2019), today=today, as_of=None)
        assert "確かに数に入る記録はありません。ほかに" in drill_down_texts.finding(at_all)
    absorbed = Record.objects.get(title__startswith="アキュルナ")
    assert "ナノキャリア" in absorbed.became
    assert absorbed in found.records
    totals = Record.objects.filter(is_period_total=True)
    assert dict(totals.values_list("category__code", "people")) == {
        "press": None, "visits": 4200, "pupils": 850, "events": 2500, "seminars": 3900, "visitors": 12000,
    }  # fmt: skip
    counts = counting.count(iconm, fiscal_year=FiscalYear(2020), as_of=date(2021, 3, 31))
    assert not set(counts.so_far) & set(totals.values_list("category", flat=True))
