"""The reference center and its two parties (T9) from `iconm_portal/imports/reference/`."""

from pathlib import Path
from typing import Any

from iconm_portal.imports.reference_files import Loader, Table
from iconm_portal.imports.reference_lines import TableFiles
from iconm_portal.models import Center, Organisation

FOLDER = Path(__file__).resolve().parent / "reference"


def _center(loader: Loader, files: TableFiles) -> None:
    """What comes after belongs to the center of the file."""
    for line, read, names in loader.read(files, _CENTERS):
        with loader.noting(_CENTERS, line):
            loader.refuse_repeated(_CENTERS, read, line)
            loader.center = loader.add_or_compare(_CENTERS, line, read, names)


_CENTERS = Table(
    "centers.csv",
    Center,
    ("code",),
    action="center.add",
    remembers=("name", "name_en", "short_name"),
    put=_center,
    prints=("code", "name", "name_en", "short_name", "position", "fictional", "supporter", "operator"),
    writes={"source": lambda _row: ""},
)
TABLES: tuple[Table[Any], ...] = (
    Table(
        "organisations.csv",
        Organisation,
        ("code",),
        action="organisation.add",
        remembers=("name",),
        prints=("code", "name", "name_en"),
        writes={"source": lambda _row: ""},
    ),
    _CENTERS,
)
