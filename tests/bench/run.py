"""What the pages and the pack cost, as ratios measured in one run; `__main__` has set the surroundings up."""

import gc
import io
import socket
import statistics
import subprocess
import sys
import time
import types
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path
from openpyxl import Workbook, load_workbook
from playwright.sync_api import sync_playwright

from iconm_portal.models import Center, Organisation, User
from kpi.loading import demonstration
from kpi.papers import pack
from tests import chromium
from tests.bench import ledger, saves

PAGE_ROUNDS = 150
PACK_ROUNDS = 15
LEDGER_ROUNDS = 40
VISITS = 5
PUBLISHED = date(2022, 1, 27)


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("load_reference", stdout=io.StringIO())
    demonstration.load()
    _pages()
    _pack()
    _visit()
    _saves()
    _ledger()


def _medians(rounds: int, **actions: Callable[[], Any]) -> dict[str, float]:
    """Median seconds of each action, taken in turns, so that what else the machine does hits all of them alike."""
    for action in actions.values():
        for _warm_up in range(3):
            action()
    gc.collect()
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _round in range(rounds):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def _pages() -> None:
    """Server time of the pages against a bare view with one SELECT: same process, same middleware, same login."""

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse(Organisation.objects.values_list("name", flat=True).get(code="kawasaki-city"))

    urls = types.ModuleType("bench_urls")
    urls.urlpatterns = [path("bare/", bare), path("", include("iconm_portal.urls"))]  # type: ignore[attr-defined]
    sys.modules["bench_urls"] = urls
    client = Client()
    client.force_login(
        User.objects.get(username="city-staff"), backend="iconm_portal.people.auth.PortalBackend"
    )

    def get(address: str) -> None:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)

    with override_settings(ROOT_URLCONF="bench_urls"):
        taken = _medians(
            PAGE_ROUNDS,
            bare=lambda: get("/bare/"),
            home=lambda: get("/iconm/"),
            plan=lambda: get("/iconm/kpi/support-r4/"),
            indicator=lambda: get("/iconm/kpi/support-r4/patents/"),
        )
    _print("bare view with one SELECT (same middleware, logged in)", taken["bare"], taken["bare"])
    _print("home page", taken["home"], taken["bare"], "aim under 8")
    _print("plan page", taken["plan"], taken["bare"], "aim under 8")
    _print("indicator page", taken["indicator"], taken["bare"])


def _saves() -> None:
    """How long one of many people waits until a ledger entry is saved, over real HTTP on SQLite."""
    alone, together = (saves.seconds(writers) for writers in (1, saves.WRITERS))
    for name, taken, aim in (
        ("a ledger entry saved by one person", alone, ""),
        (f"the same, by {saves.WRITERS} at once", together, "aim under 50 ms at the 95th percentile"),
    ):
        print(
            f"{name:<57}{statistics.median(taken) * 1000:8.2f} ms{statistics.median(taken) / statistics.median(alone):7.2f}"
        )
        print(f"{'    95th percentile':<57}{saves.percentile(taken, 95) * 1000:8.2f} ms   {aim}".rstrip())


def _ledger() -> None:
    """A million lines against a thousand: the same pages, as full, taken in turns."""

    few, many = (ledger.build(f"bench-{number}", number) for number in (ledger.FEW, ledger.MANY))
    print(f"ledgers of {few.entries:,} and {many.entries:,} entries; ratio of the page times")
    clients = {}
    for one in (few, many):
        clients[one] = Client()
        clients[one].force_login(one.staff, backend="iconm_portal.people.auth.PortalBackend")

    def get(one: ledger.Ledger, address: str) -> Callable[[], None]:
        def request() -> None:
            assert clients[one].get(address).status_code == 200, address

        return request

    for name, address in few.addresses().items():
        taken = _medians(LEDGER_ROUNDS, few=get(few, address), many=get(many, many.addresses()[name]))
        _print(name, taken["many"], taken["few"], "aim under 1.5")


def _print(name: str, seconds: float, base: float, aim: str = "") -> None:
    print(f"{name:<57}{seconds * 1000:8.2f} ms{seconds / base:7.2f}   {aim}".rstrip())


def _pack() -> None:
    """Building the pack's workbook against writing the same cells with a plain openpyxl loop."""

    contents = pack.contents(Center.objects.get(code="iconm"), as_of=PUBLISHED)
    written = load_workbook(io.BytesIO(contents.to_bytes()))
    cells = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in written}

    def plain() -> None:
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in cells.items():
            sheet = workbook.create_sheet(title)
            for row_number, row in enumerate(rows, 1):
                for column, value in enumerate(row, 1):
                    if value is not None:
                        sheet.cell(row_number, column, value)
        workbook.save(io.BytesIO())

    taken = _medians(PACK_ROUNDS, plain=plain, pack=lambda: contents.to_bytes())
    _print("plain openpyxl loop, the pack's cells", taken["plain"], taken["plain"])
    _print("committee pack", taken["pack"], taken["plain"], "aim under 2")


def _visit() -> None:
    """A cold first visit in Chromium: bytes over the wire, and the time until the first pictures are painted."""

    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "gunicorn"),
            "iconm_portal.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            "2",
            "--threads",
            "12",
            "--log-level",
            "warning",
        ]
    )
    try:
        _wait_for(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium.LAUNCH)
            visits = [_one_visit(browser, f"http://127.0.0.1:{port}") for _ in range(VISITS)]
            browser.close()
    finally:
        server.terminate()
        server.wait()
    first_bytes = visits[0][0]
    paints = sorted(paint for _bytes, paint in visits)
    print(f"home page, cold first visit: {first_bytes:,} bytes over the wire")
    print(
        f"home page, cold: first pictures after {statistics.median(paints):.0f} ms"
        f" (median of {VISITS}; {paints[0]:.0f}–{paints[-1]:.0f})   aim under 300"
    )


def _wait_for(port: int) -> None:
    for _try in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _one_visit(browser: Any, address: str) -> tuple[int, float]:
    """Log in with one browser context, then open the home page in another that has the session and no cache."""

    at_login = browser.new_context()
    page = at_login.new_page()
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", "city-staff")
    page.fill("input[name=password]", demonstration.PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/iconm/")
    cookies = at_login.cookies()
    at_login.close()
    cold = browser.new_context()
    cold.add_cookies(cookies)
    page = cold.new_page()
    network = cold.new_cdp_session(page)
    network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(f"{address}/iconm/", wait_until="networkidle")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert page.locator("main svg").count() > 0, "the home page shows no picture"
    cold.close()
    return int(sum(received)), float(paint)
