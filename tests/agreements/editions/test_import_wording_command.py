"""manage.py import_wording: the tree before anything is written, a message and an exit code for whatever is wrong."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agreements.editions.official_wording import actions
from agreements.models import Edition
from iconm_portal.models import Center, User
from tests.builders.agreements import make_agreement, make_edition
from tests.builders.editions import AT, TEXT, make_worded
from tests.hostile_files import pdf
from tests.word_and_pdf import pdf_of, word_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
GAPS = Path(__file__).parents[1] / "wording" / "texts" / "gaps.txt"


@pytest.fixture
def edition(center: Center) -> Edition:
    return make_edition(make_agreement(center, concluded=None))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "協定書.txt"
    path.write_text(TEXT)
    return path


def run(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_wording", "--agreement", "basic", str(file), *options, stdout=out)
    return out.getvalue()


def test_a_dry_run_prints_the_tree_and_writes_nothing(edition: Edition, file: Path) -> None:
    said = run(file, "--dry-run")
    assert "      art2/par1/item2  (2) 次の案内" in said
    assert "20 lines, 20 accounted for, 0 not understood." in said
    assert edition.provisions.count() == 0


def test_it_puts_the_wording_before_the_other_side_for_a_person(
    edition: Edition, file: Path, foundation_staff: User, city_staff: User
) -> None:
    said = run(file, "--by", foundation_staff.username)
    assert "Put before the other side. It waits for the confirmation by the city." in said
    proposal = edition.wording_proposals.get()
    assert (proposal.file_name, proposal.proposed_by) == ("協定書.txt", foundation_staff)
    edition.refresh_from_db()
    assert (edition.imported_from, edition.provisions.count()) == ("", 0)
    actions.confirm(proposal=proposal, version=proposal.version, by=city_staff, at=AT)
    edition.refresh_from_db()
    assert (edition.imported_from, edition.provisions.count()) == ("協定書.txt", 11)


def test_it_says_that_the_other_side_has_nobody_yet(
    edition: Edition, file: Path, foundation_staff: User
) -> None:
    assert "has nobody yet who could give it" in run(file, "--by", foundation_staff.username)


def test_it_says_for_whom(edition: Edition, file: Path) -> None:
    with pytest.raises(CommandError, match="--by"):
        run(file)


def test_problems_are_listed_and_have_to_be_accepted(edition: Edition, foundation_staff: User) -> None:
    with pytest.raises(CommandError, match="--accept-problems"):
        run(GAPS, "--by", foundation_staff.username)
    assert not edition.wording_proposals.exists()
    assert "Problems:" in run(GAPS, "--accept-problems", "--by", foundation_staff.username)
    assert edition.wording_proposals.get().accepts_problems


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 " + b"x" * 100, "damaged"),
        (b"\x00\x01" * 300, "."),
        ("あ\n".encode() * 100_000, "20,000"),
        ("お知らせです。\n".encode(), "第1条"),
    ],
)
def test_what_is_no_official_text_is_refused(
    edition: Edition, tmp_path: Path, foundation_staff: User, data: bytes, said: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(CommandError, match=said):
        run(path, "--by", foundation_staff.username)
    assert edition.provisions.count() == 0


def test_a_file_that_is_too_large_is_named_with_its_own_size(edition: Edition, tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    huge.write_text("第1条 あ\n" * 200_000)
    with pytest.raises(CommandError, match=r"2\.3.MB.*976\.6.KB"):
        run(huge)


def test_a_file_that_is_not_there(edition: Edition, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nowhere.txt")


@pytest.mark.parametrize(
    "options", [["--center", "elsewhere"], ["--edition", "7"], ["--by", "nobody"], ["--by", "city-viewer"]]
)
def test_what_does_not_exist_is_named(
    edition: Edition, file: Path, city_viewer: User, options: list[str]
) -> None:
    with pytest.raises(CommandError, match=options[1]):
        run(file, *options)


def test_a_code_that_two_centers_have_asks_which(
    edition: Edition, foreign_center: Center, file: Path, foundation_staff: User
) -> None:
    make_edition(make_agreement(foreign_center))
    with pytest.raises(CommandError, match="--center"):
        run(file)
    run(file, "--center", "lab", "--by", foundation_staff.username)


def test_a_settled_wording_is_not_replaced(center: Center, file: Path, foundation_staff: User) -> None:
    make_worded(center)
    with pytest.raises(CommandError, match="by an amendment only"):
        run(file, "--by", foundation_staff.username)


@pytest.mark.parametrize("make", [word_of, pdf_of])
def test_a_word_file_and_a_pdf_come_in_as_a_text_does(
    edition: Edition, tmp_path: Path, make: Callable[[str], bytes]
) -> None:
    path = tmp_path / "協定書"
    path.write_bytes(make(TEXT))
    said = run(path, "--dry-run")
    assert "  preamble  架空市と緑の会は、次のとおり協定を結ぶ。" in said
    assert "      art2/par1/item2  (2) 次の案内" in said
    assert "  closing  この協定を証するため、本書2通を作る。" in said


@pytest.mark.parametrize(
    ("data", "says"),
    [(pdf_of("", ""), "only pictures of pages"), (pdf("/Encrypt 2 0 R"), "protected by a password")],
)
def test_a_scan_and_an_encrypted_file_are_told(
    edition: Edition, tmp_path: Path, data: bytes, says: str
) -> None:
    path = tmp_path / "協定書.pdf"
    path.write_bytes(data)
    with pytest.raises(CommandError, match=says):
        run(path, "--dry-run")
