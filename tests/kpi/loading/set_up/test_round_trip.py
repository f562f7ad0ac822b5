"""A center that was exported and read by an empty portal has the same committee pack, figure for figure."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from openpyxl import load_workbook

from iconm_portal.models import Center
from kpi.loading import reference
from kpi.loading.set_up import export
from tests.builders.plans import tokyo
from tests.kpi.loading.set_up.hall import write
from tests.loaded import load_demo

pytestmark = pytest.mark.django_db
Sheets = dict[str, list[list[object]]]


def pack(center: str, as_of: date, folder: Path) -> Sheets:
    """Every cell of the workbook, by sheet."""
    path = folder / f"{center}-{as_of}.xlsx"
    call_command("committee_pack", center=center, as_of=as_of.isoformat(), out=path, stdout=io.StringIO())
    book = load_workbook(path)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def differences(before: Sheets, after: Sheets) -> list[str]:
    """The rows in which two packs differ."""
    found = []
    for sheet in before.keys() | after.keys():
        one, other = before.get(sheet, []), after.get(sheet, [])
        found += [f"- {sheet} {row}" for row in one if row not in other]
        found += [f"+ {sheet} {row}" for row in other if row not in one]
        if not found and one != other:
            found.append(f"{sheet}: another order")
    return sorted(found)


def moved(load: Callable[[], object], center: str, as_of: date, folder: Path) -> tuple[Sheets, Sheets]:
    """The pack of a center that `load` puts into a portal, and the one of an empty portal that reads its export."""
    with transaction.atomic():
        load()
        before = pack(center, as_of, folder)
        call_command("export_setup", center, folder / "out", stdout=io.StringIO())
        transaction.set_rollback(True)
    assert not Center.objects.exists()
    call_command("load_reference", "--from", folder / "out", stdout=io.StringIO())
    return before, pack(center, as_of, folder)


@pytest.mark.parametrize("as_of", [date(2022, 1, 27), date(2022, 4, 30)], ids=str)
def test_iconm_has_the_same_pack(as_of: date, tmp_path: Path, time_machine) -> None:
    time_machine.move_to(tokyo(date(2022, 5, 1)), tick=False)
    before, after = moved(reference.load, "iconm", as_of, tmp_path)
    assert differences(before, after) == []
    result = reference.load()
    assert (result.added, result.differing) == (0, []), "the export says otherwise than the package"


def test_another_center_has_the_same_pack(tmp_path: Path, time_machine) -> None:
    time_machine.move_to(tokyo(date(2023, 7, 1)), tick=False)
    (tmp_path / "in").mkdir()
    write(tmp_path / "in")
    before, after = moved(
        lambda: call_command("load_reference", "--from", tmp_path / "in", stdout=io.StringIO()),
        "mori-hall",
        date(2023, 7, 1),
        tmp_path,
    )
    assert differences(before, after) == []


SETTLED = (
    *("成果指標（KPI）", "KPI達成状況", "KPIの推移", "収支状況", "活動実績", "経緯"),
    *("データ_成果指標", "データ_KPI達成状況", "データ_収支", "データ_取組の目標", "データ_経緯"),
)
"""What rests on master data and settled figures alone; the other sheets tell of processes too, which are not carried."""


def test_the_demonstration_keeps_its_settled_figures_in_every_revision(tmp_path: Path) -> None:
    before, after = moved(load_demo, "midoridai", date(2026, 11, 30), tmp_path)
    assert {sheet: after[sheet] for sheet in SETTLED} == {sheet: before[sheet] for sheet in SETTLED}


def test_a_folder_that_holds_something_is_not_written_over(tmp_path: Path, iconm: Center) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        call_command("export_setup", iconm.code, tmp_path)
    with pytest.raises(CommandError, match="no center"):
        call_command("export_setup", "nowhere", tmp_path / "out")


def test_the_archive_holds_the_files_of_the_folder(tmp_path: Path, iconm: Center) -> None:
    today = date(2026, 12, 1)
    names = export.write_folder(iconm, tmp_path, today)
    data = export.archive(iconm, today)
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert zipped.namelist() == names
        assert all(zipped.read(name) == (tmp_path / name).read_bytes() for name in names)
    assert data == export.archive(iconm, today)
    with (tmp_path / "set-up.csv").open() as contents:
        told = list(csv.DictReader(contents))
    assert {row["file"] for row in told} == set(names) - {"set-up.csv", "sources.csv"}
