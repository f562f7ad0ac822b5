"""plotly.js is served from the installed package, and nothing else of it."""

import pytest
from django.contrib.staticfiles import finders

from iconm_portal.site import static_finder
from iconm_portal.site.static_finder import PlotlyFinder


def test_plotly_is_found_and_listed() -> None:
    path = finders.find("plotly/plotly.min.js")
    assert path is not None
    assert path.endswith("plotly/package_data/plotly.min.js")
    ((name, storage),) = PlotlyFinder().list(None)
    assert (storage.prefix, name) == ("plotly", "plotly.min.js")  # type: ignore[attr-defined]
    assert storage.exists(name)


@pytest.mark.parametrize(
    "path", ["plotly/plotly-schema.json", "plotly.min.js", "plotly/../plotly/plotly.min.js"]
)
def test_nothing_else_of_the_package_is_served(path: str) -> None:
    assert PlotlyFinder().find(path) == []


def test_a_package_without_it_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PlotlyFinder().check() == []
    monkeypatch.setattr(static_finder, "package_data", lambda: None)
    assert [error.id for error in PlotlyFinder().check()] == ["portal.E002"]
