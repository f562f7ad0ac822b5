"""Files of facts: what a map says is read by the field's own rules, and a file that is otherwise is refused with its line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from iconm_portal.imports import reference_loading
from iconm_portal.imports.reference_files import Loader
from iconm_portal.imports.reference_lines import BadFile
from iconm_portal.models import Center, HistoryEvent, Organisation

pytestmark = pytest.mark.django_db

ORGANISATIONS = "code,name,name_en,source\ntown,町,Town,T1\nuniversity,大学,,T1\n"
CENTERS = "code,name,short_name,supporter,operator,position,fictional,source\nlab,研究所,研,town,university,3,yes,T2\n"


@pytest.fixture(autouse=True)
def read_in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def load(folder: Path, organisations: str = ORGANISATIONS, centers: str = CENTERS) -> Loader:
    (folder / "organisations.csv").write_text(organisations, "utf-8")
    (folder / "centers.csv").write_text(centers, "utf-8")
    loader = Loader()
    loader.load(folder, reference_loading.TABLES)
    return loader


def test_a_column_that_bears_a_fields_name_needs_no_word(tmp_path: Path) -> None:
    center = load(tmp_path).center
    assert center == Center.objects.get()
    assert (center.position, center.fictional, center.name_en) == (3, True, "")
    assert (center.supporter.code, center.operator.code) == ("town", "university")
    assert HistoryEvent.objects.get(action="center.add").source == "T2"


def test_a_folder_may_lie_anywhere_and_need_not_have_every_file(tmp_path: Path) -> None:
    (tmp_path / "organisations.csv").write_text(ORGANISATIONS, "utf-8")
    loader = Loader()
    loader.load(tmp_path, reference_loading.TABLES)
    assert (loader.result.added, loader.center) == (2, None)


@pytest.mark.parametrize(
    ("organisations", "centers", "said"),
    [
        (ORGANISATIONS + "hall\n", CENTERS, "organisations.csv:4: The row has more or fewer cells"),
        (ORGANISATIONS + 'hall,"会\n', CENTERS, "organisations.csv:4: "),
        (ORGANISATIONS + "Not A Code,会館,,T1\n", CENTERS, "organisations.csv:4: "),
        (ORGANISATIONS.replace("name_en", "nickname"), CENTERS, "organisations.csv:2: .*“nickname”"),
        (ORGANISATIONS.replace(",source", ",").replace(",T1", ","), CENTERS, "organisations.csv:2: "),
        (ORGANISATIONS, CENTERS.replace(",yes,", ",perhaps,"), "centers.csv:2: fictional: .*“perhaps”"),
        (ORGANISATIONS, CENTERS.replace(",3,", ",third,"), "centers.csv:2: position: "),
        (
            ORGANISATIONS,
            CENTERS.replace(",town,", ",village,"),
            "centers.csv:2: supporter: “village” is not in",
        ),
        (ORGANISATIONS, CENTERS.replace("supporter,", "payer,"), "centers.csv:2: .*“payer”"),
    ],
)
def test_what_is_not_as_the_map_says_is_refused_with_its_line(
    tmp_path: Path, organisations: str, centers: str, said: str
) -> None:
    with pytest.raises(BadFile, match=said):
        load(tmp_path, organisations, centers)
    assert not Center.objects.exists()


def test_everything_that_is_wrong_is_said_at_once_and_what_follows_from_it_is_not(tmp_path: Path) -> None:
    rows = ORGANISATIONS.replace("town,町", "town,").replace(
        "university,大学,,T1", "university,大学,,T1\nuniversity,学,,T1"
    )
    with pytest.raises(BadFile) as refused:
        load(tmp_path, rows)
    assert [(one.file, one.row, one.column) for one in refused.value.problems] == [
        ("organisations.csv", 2, "name"),  # and not that the center's supporter is missing
        ("organisations.csv", 4, "code"),
    ]
    assert "Row 3 has “university” already." in str(refused.value)


def test_problems_are_said_in_the_language_of_the_reader(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        load(tmp_path, centers=CENTERS.replace(",yes,", ",perhaps,"))
    with translation.override("ja"):
        assert refused.value.problems[0].text == "「perhaps」は yes でも no でもありません。"


def test_other_bytes_than_utf_8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "organisations.csv").write_bytes("code,name,source\ntown,町,T1\n".encode("cp932"))
    with pytest.raises(BadFile, match=r"organisations\.csv:1: "):
        Loader().load(tmp_path, reference_loading.TABLES)
    assert not Organisation.objects.exists()
