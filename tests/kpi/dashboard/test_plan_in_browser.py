"""A plan's table that is wider than the window begins where the page speaks, with a whole year."""

import pytest

from iconm_portal.models import Center, User
from tests.browser import LogInWindow
from tests.builders.plans import make_accepted_report, make_plan

pytestmark = [pytest.mark.django_db(transaction=True)]

CUT = """() => {
  const [names, ...years] = document.querySelectorAll(".plan-table thead tr:first-child th");
  const edge = names.getBoundingClientRect().right, wide = document.querySelector("[data-shows]");
  const seen = years.map((one) => [one.textContent.trim(), one.getBoundingClientRect()]);
  return {
    scrolled: wide.scrollLeft,
    cut: seen.filter(([, box]) => box.left < edge - 2 && box.right > edge + 2).map(([year]) => year),
    shown: seen.filter(([, box]) => box.left >= edge - 2 && box.right <= wide.getBoundingClientRect().right + 2)
      .map(([year]) => year),
    asked: wide.dataset.shows,
  };
}"""


def test_no_year_is_cut_beside_the_names(
    window: LogInWindow, center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, years=(2015, 2025), targets={"trials": 100_000})
    make_accepted_report(plan, 2024, {"trials": 11}, by=foundation_staff, reviewer=city_staff)
    page = window(city_staff.username)
    page.set_viewport_size({"width": 760, "height": 900})
    page.goto(f"/lab/kpi/{plan.code}/")
    found = page.evaluate(CUT)
    assert found["scrolled"] > 0
    assert found["cut"] == []
    assert found["asked"] in found["shown"]
