"""manage.py committee_pack: the same file as from the browser, or a message that says what is wrong."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from iconm_portal.models import Center
from kpi.papers import pack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("iconm")]


def run(out: Path, *, center: str = "iconm", as_of: str = "2022-01-27") -> None:
    call_command("committee_pack", center=center, as_of=as_of, out=out)


@pytest.mark.parametrize("as_of", ["2022-01-27", "R4.1.27", "令和4年1月27日"])
def test_writes_the_pack(tmp_path: Path, as_of: str) -> None:
    run(tmp_path / "pack.xlsx", as_of=as_of)
    from_pages = pack.contents(Center.objects.get(code="iconm"), as_of=date(2022, 1, 27))
    assert (tmp_path / "pack.xlsx").read_bytes() == from_pages.to_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"center": "nowhere"}, "no center"),
        ({"as_of": "2022-02-30"}, "calendar"),
        ({"as_of": "soon"}, "soon"),
        ({"as_of": "2999-01-01"}, "still to come"),
        ({"as_of": "2022-01-26"}, "Nothing was known"),
    ],
)
def test_refuses_with_a_reason_and_writes_nothing(tmp_path: Path, options, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(tmp_path / "pack.xlsx", **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        run(tmp_path / "missing" / "pack.xlsx")
