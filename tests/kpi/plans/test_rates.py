"""A pair of figures has one rate, of the two as they are printed; under a limit the difference stands there."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.plans import findings, scorecard, texts
from kpi.plans.achievement import Comparator
from tests.builders.plans import INCOME, PATENTS, TRIALS, Accepted, make_plan
from tests.people import LogIn

pytestmark = pytest.mark.django_db
FY2023 = FiscalYear(2023)
IN_MILLION = {"unit": "百万円", "scale": 1_000_000, "rounding": Rounding.TRUNCATE}


def said(center: Center, code: str) -> tuple[str, str]:
    """The rate and the finding of an indicator in FY2023, in Japanese."""
    row = scorecard.load(center, known_at=date(2030, 1, 1)).plan("research").row(code)
    with translation.override("ja"):
        return texts.rate(row.indicator, row.cell(FY2023)), findings.indicator_finding(row, FY2023)


@pytest.mark.parametrize(
    ("target", "actual", "rate"),
    [(9, 8, "88.9%"), (3, 2, "66.7%"), (1000, 999, "99.9%"), (3000, 2999, "99.9%"), (3, 3, "100.0%")],
)
def test_half_up_and_never_full_where_it_is_not_met(
    center: Center, accepted_report: Accepted, target: int, actual: int, rate: str
) -> None:
    accepted_report(make_plan(center, targets={"patents": target}), 2023, {"patents": actual})
    assert said(center, "patents")[0] == rate


def test_the_rate_is_of_the_figures_beside_it(center: Center, accepted_report: Accepted) -> None:
    plan = make_plan(center, indicators=[INCOME | IN_MILLION], targets={INCOME["code"]: 480_000_000})
    accepted_report(plan, 2023, {INCOME["code"]: Decimal(600_536_000)})
    rate, finding = said(center, str(INCOME["code"]))
    assert rate == "125.0%"
    assert "600百万円" in finding
    assert "480百万円" in finding
    assert "125.0%" in finding


@pytest.mark.parametrize(
    ("actual", "difference", "verdict"),
    [(4, "+1件", "未達"), (3, "±0件", "達成"), (1, "▲2件", "達成")],
)
def test_under_a_limit_the_difference_is_said(
    center: Center, accepted_report: Accepted, actual: int, difference: str, verdict: str
) -> None:
    plan = make_plan(
        center, indicators=[PATENTS | {"comparator": Comparator.AT_MOST}], targets={"patents": 3}
    )
    accepted_report(plan, 2023, {"patents": actual})
    rate, finding = said(center, "patents")
    assert rate == difference
    assert finding.startswith(f"令和5年度は{actual}件で、目標3件以下に対して")
    assert difference in finding
    assert verdict in finding
    assert "%" not in finding


def test_lists_sort_by_verdict_before_the_rate(
    center: Center, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    limit = PATENTS | {"comparator": Comparator.AT_MOST}
    few = TRIALS | {"code": "few", "name": "少ない"}
    plan = make_plan(center, indicators=[TRIALS, limit, few], targets={"trials": 10, "patents": 3, "few": 10})
    accepted_report(plan, 2023, {"trials": 30, "patents": 4, "few": 2})

    def order(sort: str) -> list[str]:
        html = log_in(city_viewer).get(f"/lab/kpi/{plan.code}/?sort={sort}").content.decode()
        found = dict.fromkeys(re.findall(r'<a[^>]*href="/lab/kpi/research/([a-z]+)/"', html))
        return [code for code in found if code in ("trials", "patents", "few")]

    assert order("rate") == ["few", "patents", "trials"]
    assert order("-rate") == ["trials", "few", "patents"]
