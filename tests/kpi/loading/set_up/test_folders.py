"""load_reference --from: a center's folder comes in whole, or everything that is wrong is said and nothing comes in."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from agreements.instruments import sources as agreement_sources
from agreements.models import Conclusion, Obligation
from finance.models import Statement
from iconm_portal.imports.reference_lines import BadFile
from iconm_portal.models import Center, HistoryEvent, Organisation
from kpi.loading import reference
from kpi.loading.set_up import folders
from kpi.models import Actual, Target
from tests.kpi.loading.set_up.hall import swapped, write
from tests.loaded import all_rows

pytestmark = pytest.mark.django_db
PACKAGE = [app.FOLDER for app in (reference.ground, reference.agreements, reference.finance, reference)]


@pytest.fixture(autouse=True)
def read_in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_a_center_that_has_nothing_to_do_with_iconm_comes_in_with_its_past(
    tmp_path: Path, capsys: Any
) -> None:
    call_command("load_reference", "--from", write(tmp_path))
    center = Center.objects.get()
    assert (center.code, center.supporter.name) == ("mori-hall", "森町")
    assert Target.objects.count() == Actual.objects.count() == 3
    settlement = Statement.objects.get()
    assert (settlement.state, str(settlement.known_from), settlement.accepted_by) == (
        "accepted",
        "2021-06-30",
        None,
    )
    assert Conclusion.objects.get().document_number == "森文第12号"
    assert {event.source for event in HistoryEvent.objects.all()} <= {
        "指定管理協定書",
        "決算書",
        "計画書",
        "事業報告書",
    }
    call_command("load_reference", "--from", tmp_path)
    assert "0 added" in capsys.readouterr().out.splitlines()[-1]


def test_iconm_comes_from_one_folder_as_it_comes_from_the_package(tmp_path: Path) -> None:
    for folder in reversed(PACKAGE):
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "sources.csv").unlink()
    folders.load(tmp_path)
    result = reference.load()
    assert (result.added, result.differing) == (0, [])


BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "a code used twice": (
        swapped("accounts", "staff,4", "fees,9,expenditure,重複,,,2020,,,決算書\nstaff,4"),
        "accounts.csv:5: code: Row 2 has “fees” already.",
    ),
    "a parent account that does not exist": (
        swapped("accounts", "人件費,costs", "人件費,cost"),
        "accounts.csv:5: parent: “cost” is not in accounts.csv.",
    ),
    "an indicator without unit": (
        swapped("indicators", "来館者数,人,flow", "来館者数,,flow"),
        "indicators.csv:2: unit: This field cannot be blank.",
    ),
    "a plan of 40 years": (
        swapped("plans", "2020,2021", "2020,2059"),
        "plans.csv:2: last_year: A plan has at most 20 years.",
    ),
    "an actual outside the plan": (
        swapped("actuals", "2022,2023-03-31", "2026,2027-03-31"),
        "actuals.csv:4: fiscal_year: FY2026 is no year of the plan “second” (FY2022 to FY2024).",
    ),
    "a target outside the plan": (
        swapped("targets", "second,visitors,2022", "second,visitors,2021"),
        "targets.csv:4: fiscal_year: FY2021 is no year of the plan “second” (FY2022 to FY2024).",
    ),
    "a settlement whose sum is wrong by more than rounding": (
        swapped("statement_totals", "38000", "38002"),
        "statement_lines.csv:2: FY2020: total revenue is printed as 38,002,000 yen, its parts come to 38,000,000: more"
        " than rounding explains.",
    ),
    "an obligation on 31 February": (
        swapped("obligations", "5,31,1", "2,31,1"),
        "obligations.csv:2: The calendar has no such day.",
    ),
    "an unknown column": (
        swapped("goals", "label,", "labels,"),
        "goals.csv:2: labels: Nothing reads the column “labels”.",
    ),
    "no source": (
        swapped("plans", "operation,計画書\nsecond", "operation,\nsecond"),
        "plans.csv:2: source: Say where it stands: no source is named.",
    ),
    "a missing file": ({"centers": None}, "centers.csv: The file is missing."),
    "a file of another name": (
        {"actual": "plan,indicator\n"},
        "actual.csv: Nothing reads a file of this name. Files have the names of an export.",
    ),
    "a table of another center": (
        {"set__up": "center,version,file\nmori-hall,1,plans.csv\niconm,1,goals.csv\n"},
        "set-up.csv:3: center: The table is of the center “iconm”, not of “mori-hall”.",
    ),
    "a table of another version": (
        {"set__up": "center,version,file\nmori-hall,7,plans.csv\n"},
        "set-up.csv:2: version: The tables are of version 7; this portal reads version 1.",
    ),
    "a table that the list of contents names": (
        {"set__up": "center,version,file\nmori-hall,1,goals.csv\n", "goals": None},
        "goals.csv: The file is missing.",
    ),
    "a value that cannot be": (
        swapped("actuals", "2021-03-31,9000", "2021-03-31,-9000"),
        "actuals.csv:2: This indicator is never below 0人.",
    ),
    "an article that is nowhere": (
        swapped("obligations", "art9", "art10"),
        "obligations.csv:2: provision: “operation/art10” is not in provisions.csv.",
    ),
}


@pytest.mark.parametrize(("changed", "said"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_said_by_file_row_and_column_and_nothing_is_done(
    tmp_path: Path, changed: dict[str, str | None], said: str
) -> None:
    with pytest.raises(BadFile) as refused:
        folders.load(write(tmp_path, **changed))
    assert str(refused.value).splitlines() == [said]
    assert all_rows() == []


def test_several_things_that_are_wrong_are_said_at_once(tmp_path: Path) -> None:
    changed = {
        **swapped("obligations", "5,31,1", "2,31,1"),
        **swapped("accounts", "人件費,costs", "人件費,cost"),
        **swapped("indicators", "来館者数,人,flow", "来館者数,,flow"),
    }
    with pytest.raises(CommandError) as refused:
        call_command("load_reference", "--from", write(tmp_path, **changed))
    assert [line.partition(": ")[0] for line in str(refused.value).splitlines()] == [
        "obligations.csv:2",
        "accounts.csv:5",
        "indicators.csv:2",
    ]
    assert not Organisation.objects.exists()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no such folder"):
        call_command("load_reference", "--from", tmp_path / "nowhere")


def test_codes_of_sources_stand_for_what_the_folder_says(tmp_path: Path) -> None:
    """The report's own T9 is not what another center means by it."""
    write(
        tmp_path,
        **swapped("obligations", "指定管理協定書\n", "T9-BA\n"),
        sources="code,title,document,published\nT9-BA,第9条,指定管理協定書（令和2年）,2020-03-20\n",
    )
    folders.load(tmp_path)
    source = Obligation.objects.values_list("source", flat=True).order_by("pk").first() or ""
    assert agreement_sources.in_words(source) == "指定管理協定書（令和2年） 第9条"
