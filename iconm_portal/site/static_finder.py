"""Serves plotly.js out of the installed Python package, so that the two versions always match."""

import builtins
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage, Storage

FILE_NAME = "plotly.min.js"
PREFIX = "plotly"


def package_data() -> Path | None:
    """The folder of the plotly package that holds plotly.js, found without the cost of importing plotly."""
    spec = importlib.util.find_spec("plotly")
    places = (Path(place) / "package_data" for place in (spec and spec.submodule_search_locations) or ())
    return next((place for place in places if (place / FILE_NAME).is_file()), None)


class PlotlyFinder(BaseFinder):
    """Exactly one file: `plotly/plotly.min.js`."""

    def check(self, **kwargs: Any) -> builtins.list[CheckMessage]:
        """Say at start-up that charts will be missing, rather than in somebody's browser."""
        if package_data() is None:
            return [Error(f"{FILE_NAME} is not in the installed plotly package.", id="portal.E002")]
        return []

    # The stubs overload it by find_all, and know nothing of the list that Django's own finders return for "none".
    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file's place; an empty list where it is not ours (Django's own way of saying so)."""
        folder = package_data()
        if folder is None or path != f"{PREFIX}/{FILE_NAME}":
            return []
        found = str(folder / FILE_NAME)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """What collectstatic copies."""
        folder = package_data()
        if folder is not None:
            storage = FileSystemStorage(location=folder)
            storage.prefix = PREFIX  # type: ignore[attr-defined]  # where collectstatic looks for it
            yield FILE_NAME, storage
