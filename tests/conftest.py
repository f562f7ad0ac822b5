"""What every test stands on: the runner's own settings, the database's guards and the browser."""

import gc
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser

from iconm_portal.site import catalogue
from tests import chromium
from tests.settings import RUN_FOLDER, STATIC_ROOT
from tests.unguarded import empty_the_tables

pytest_plugins = [
    "tests.people",
    "tests.builders.plans",
    "tests.loaded",
    "tests.days",
    "tests.browser",
    "tests.iconm_portal.history.kept_world",
    "tests.orderings",
    "tests.history_words",
    "tests.figures",
]

# Playwright keeps an event loop running in the test's thread, and Django would refuse to query beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# The same examples every time, and none too slow: a red run means that the code changed.
hypothesis_settings.register_profile("portal", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("portal")


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for another one (xdist)."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder, and today's Japanese where nobody ran make after a change of the catalogue."""
    if is_worker(config):
        return
    RUN_FOLDER.mkdir(mode=0o700)
    # Only what this run has made is taken away again: a folder that was there already may hold anything.
    config.add_cleanup(lambda: shutil.rmtree(RUN_FOLDER, ignore_errors=True))
    STATIC_ROOT.mkdir()
    if catalogue.PO_FILE.exists() and catalogue.is_stale():
        catalogue.compile_to_mo()


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_the_tables)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | chromium.LAUNCH


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Iterator[Browser]:
    """While Playwright's event loop runs, Django keeps another connection than before and after it.

    It goes with the browser: left open, it would keep PostgreSQL from dropping the database.
    """
    yield browser
    connections.close_all()


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A reader in Kawasaki."""
    return browser_context_args | {"locale": "ja-JP", "timezone_id": "Asia/Tokyo"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests first: they are the longest, so that at the end the workers have short ones to share out."""
    items.sort(key=lambda item: "browser" not in getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what stays to the end, and come by less often for the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
