"""The chart tool: valid figures, safe JSON, and a drawing in a real browser under the portal's own policy."""

import json
import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from csp.utils import build_policy
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route
from plotly import graph_objects

from iconm_portal.display import charts
from iconm_portal.display.charts import INKS, Chart, ChartTable
from tests.readers.markup import tight

YEARS = ["R1", "R2", "R3", "R4", "R5"]
FINAL = [Decimal(63), Decimal(87), None, None, Decimal("11.5")]


def patents(caption: str = "Eleven in R5") -> Chart:
    """One figure with every kind of trace."""
    layout = charts.layout(years=YEARS, unit="件", barmode="overlay", annotations=[charts.unit_label("件")])
    data = [
        charts.bars("Final", YEARS, FINAL, INKS[0]),
        charts.hollow_bars("Interim", YEARS, [None, None, None, 8, None], INKS[0]),
        charts.hollow_bars("Forecast", YEARS, [None, None, 95, None, None], INKS[0], hatched=True),
        *(charts.line(f"Line {number}", YEARS, FINAL, ink) for number, ink in enumerate(INKS)),
        *(charts.bars(f"Bars {number}", YEARS, FINAL, ink) for number, ink in enumerate(INKS)),
    ]
    rows = [[name, "63", "40"] for name in YEARS]
    return Chart(
        "patents", caption, {"data": data, "layout": layout}, ChartTable(["Year", "Actual", "Target"], rows)
    )


def on_page(chart: Chart) -> str:
    return render_to_string("components/chart.html", {"chart": chart})


# The figure


def test_plotly_accepts_the_figure() -> None:
    figure = graph_objects.Figure(patents().figure)
    assert len(figure.data) == 3 + 2 * len(INKS)


def test_a_missing_value_stays_a_gap_and_zero_stays_zero() -> None:
    trace = charts.bars("Final", ["R1", "R2"], [None, Decimal(0)], INKS[0])
    assert trace["y"] == [None, 0]


def test_years_and_values_belong_together() -> None:
    with pytest.raises(ValueError, match="5 years, but 1 values"):
        charts.bars("Final", YEARS, [1], INKS[0])


def test_series_differ_without_colour() -> None:
    for attribute in ("colour", "symbol", "pattern", "dash"):
        assert len({getattr(ink, attribute) for ink in INKS}) == len(INKS)


def test_fiscal_years_are_labels_and_each_has_its_place() -> None:
    axis = charts.layout(years=YEARS, unit="件")["xaxis"]
    assert (axis["type"], axis["categoryarray"]) == ("category", YEARS)


# The fragment


def test_the_page_holds_the_figures_table() -> None:
    html = tight(on_page(patents()))
    assert '<th scope="row">R1</th><td class="num">63</td>' in html
    assert '<figure class="chart" role="group" aria-labelledby="chart-patents-caption">' in html


def test_the_json_is_safe_and_reads_back() -> None:
    chart = patents()
    chart.figure["data"][0]["name"] = "</script><script>alert(1)</script>"
    html = on_page(chart)
    (text,) = re.findall(
        r'<script id="chart-patents-data" type="application/json">(.*?)</script>', html, re.DOTALL
    )
    assert json.loads(text)["figure"]["data"][0]["name"] == "</script><script>alert(1)</script>"
    assert unescape(text) == text


# The drawing


def static_file(name: str) -> Path:
    found = finders.find(name)
    assert isinstance(found, str)
    return Path(found)


def test_the_ids_that_keep_plotly_from_adding_styles_are_those_of_its_bundle() -> None:
    loader = static_file("js/charts.js").read_text()
    ids = re.findall(r'_STYLE = "(.*?)";', loader)
    bundle = static_file("plotly/plotly.min.js").read_text()
    assert "plotly.js-style-global" in ids
    assert [one for one in ids if one.removeprefix("plotly.js-style-") not in bundle] == []


PORTAL = "http://portal.test"


def open_chart(page: Page, html: str, *, without: str | None = None) -> list[str]:
    """Serve the page and our static files under the portal's policy; returns what the console and the network said."""
    said: list[str] = []
    policy = build_policy()
    policy_text = policy if isinstance(policy, str) else policy[0]

    def answer(route: Route) -> None:
        address = route.request.url
        if address == f"{PORTAL}/":
            headers = {"Content-Security-Policy": policy_text, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=html, headers=headers)
        elif address.startswith(f"{PORTAL}{settings.STATIC_URL}") and not (without and without in address):
            route.fulfill(path=static_file(address.removeprefix(f"{PORTAL}{settings.STATIC_URL}")))
        else:
            said.append(f"asked for {address}")
            route.abort()

    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route("**/*", answer)
    page.goto(f"{PORTAL}/")
    return said


def document(chart: Chart) -> str:
    head = render_to_string("components/chart_loader.html")
    style = (
        f'<link rel="stylesheet" href="{settings.STATIC_URL}css/portal.css"><link rel="icon" href="data:,">'
    )
    return f"<!DOCTYPE html><html lang=ja><title>t</title>{style}{head}<main>{on_page(chart)}</main>"


@pytest.mark.browser
def test_the_chart_is_drawn_within_the_policy_and_asks_nobody_outside(page: Page) -> None:
    said = open_chart(page, document(patents()))
    page.wait_for_selector(".js-plotly-plot .main-svg .barlayer path")
    assert said == []
    assert page.locator("style").count() == 0


@pytest.mark.browser
def test_no_button_shares_the_chart(page: Page) -> None:
    open_chart(page, document(patents()))
    page.wait_for_selector(".js-plotly-plot .main-svg .barlayer path")
    assert page.locator(".modebar").count() == 0
    sharing: Any = page.get_by_text(re.compile("share|cloud|plotly", re.IGNORECASE))
    assert sharing.locator("visible=true").count() == 0


@pytest.mark.browser
def test_the_picture_can_be_saved(page: Page) -> None:
    open_chart(page, document(patents()))
    with page.expect_download() as download:
        page.locator("[data-chart-save]").click()
    assert download.value.suggested_filename == "patents.png"


@pytest.mark.browser
def test_without_plotly_the_page_says_so_and_opens_the_table(page: Page) -> None:
    open_chart(page, document(patents()), without="plotly.min.js")
    page.wait_for_selector(".chart__plot--failed")
    assert page.locator(".chart__plot").inner_text() == page.locator(".chart__plot").get_attribute(
        "data-failed"
    )
    assert page.locator("details[open] table").is_visible()
