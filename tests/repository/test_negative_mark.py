"""One place says what stands before a negative figure: pages, sheets, charts and their previews ask it each time."""

import ast
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core.management import call_command

from iconm_portal.models import Center, Role
from iconm_portal.values import money
from tests.builders.packs import make_pack
from tests.builders.plans import tokyo
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)
MARK, OTHER = "▲", "△"
DAY = date(2022, 4, 30)
# They read what people write, and say how they may.
READS = {"number_input.py", "headers.py", "sheet_reading.py", "rows.py", "asides.py"}


def test_no_other_module_writes_it() -> None:
    written = [
        f"{file.relative_to(ROOT)}, line {node.lineno}"
        for package in ("iconm_portal", "agreements", "finance", "kpi")
        for file in sorted((ROOT / package).rglob("*.py"))
        if file.name not in READS and "migrations" not in file.parts
        for node in spoken(ast.parse(file.read_text()))
        if MARK in str(node.value)
    ]
    assert [place.partition(",")[0] for place in written] == ["iconm_portal/values/money.py"], written


def spoken(tree: ast.Module) -> list[ast.Constant]:
    """All texts but docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said]


@pytest.fixture
def marked(iconm: Center) -> Iterator[Center]:
    """A center whose negatives have the other mark."""
    iconm.negative_mark = money.NegativeMark.WHITE
    iconm.save()
    yield iconm
    money.write_negatives_with()


@pytest.mark.parametrize("address", ["finance/", "packs/1/"])
def test_pages_and_previews_of_sheets_show_it(marked: Center, address: str) -> None:
    staff = make_person("staff", marked.supporter, Role.STAFF)
    make_pack(marked, by=staff, as_of=DAY, at=tokyo(DAY))
    page = client_of(staff).get(f"/{marked.code}/{address}").content.decode()
    assert OTHER in page
    assert MARK not in page


@pytest.mark.parametrize("way", ["command", "page"])
def test_sheets_and_their_charts_print_it(marked: Center, tmp_path: Path, way: str) -> None:
    day = DAY.isoformat()
    if way == "command":
        call_command(
            "committee_pack", center=marked.code, as_of=day, out=tmp_path / "p", stdout=io.StringIO()
        )
        book = (tmp_path / "p").read_bytes()
    else:
        client = client_of(make_person("reader", marked.supporter))
        book = client.get(f"/{marked.code}/packs/committee.xlsx", {"as_of": day}).content
    with ZipFile(io.BytesIO(book)) as entries:
        contents = {name: entries.read(name).decode(errors="ignore") for name in entries.namelist()}
    assert not [name for name, content in contents.items() if MARK in content]
    charts = [name for name, content in contents.items() if "chart" in name and OTHER in content]
    assert charts
    assert OTHER in contents["xl/styles.xml"]
