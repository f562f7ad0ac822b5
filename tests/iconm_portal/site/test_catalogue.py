"""The Japanese catalogue is complete and its msgids are English; and the tool that says so can say no."""

import gettext
from pathlib import Path

import pytest

from iconm_portal.site import catalogue


def test_the_catalogue_is_complete_and_in_english() -> None:
    assert [str(problem) for problem in catalogue.check()] == []


def test_the_file_is_in_its_canonical_form(tmp_path: Path) -> None:
    copy = tmp_path / "django.po"
    catalogue.write(catalogue.read(), copy)
    assert copy.read_text() == catalogue.PO_FILE.read_text(), "run manage.py catalogue --update"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A little project that says something in every way there is."""
    (tmp_path / "rooms").mkdir()
    (tmp_path / "rooms" / "__init__.py").touch()
    (tmp_path / "rooms" / "models.py").write_text(
        'name = _("A long "\n "name")\nkind = pgettext_lazy("of a room", "Kind")\n'
        'count = ngettext("%(n)s room", "%(n)s rooms", n)\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}\n"
        '<p title="{% translate "Title" %}">{{ value|default:_("none") }}\n'
        '{% include "x.html" with label=_("Label") %}\n'
        '{% blocktranslate trimmed with who=user.name context "greeting" %}\n'
        "  Hello\n  {{ who }}\n{% endblocktranslate %}\n"
        "{% blocktranslate count n=n %}{{ n }} year{% plural %}{{ n }} years{% endblocktranslate %}\n"
    )
    return tmp_path


def test_every_way_of_saying_something_is_found(house: Path) -> None:
    found = {(message.id, message.context) for message in catalogue.entries(catalogue.extracted(house))}
    assert found - {(extra, None) for extra in catalogue.EXTRA_MSGIDS} == {
        ("A long name", None),
        ("Kind", "of a room"),
        (("%(n)s room", "%(n)s rooms"), None),
        ("Title", None),
        ("none", None),
        ("Label", None),
        ("Hello %(who)s", "greeting"),
        (("%(n)s year", "%(n)s years"), None),
    }


@pytest.fixture
def po(tmp_path: Path) -> Path:
    return tmp_path / "ja.po"


def said(problems: list[catalogue.Problem]) -> set[tuple[str, str]]:
    return {
        (problem.text, problem.what) for problem in problems if problem.text not in catalogue.EXTRA_MSGIDS
    }


def test_merge_then_update_keeps_translations_and_drops_what_is_not_said(house: Path, po: Path) -> None:
    fragment = house / "mine.po"
    fragment.write_text(
        'msgid "Title"\nmsgstr "題名"\n\nmsgid "Gone"\nmsgstr "無い"\n\n'
        'msgctxt "of a room"\nmsgid "Kind"\nmsgstr "種別"\n\n'
        'msgid "%(n)s room"\nmsgid_plural "%(n)s rooms"\nmsgstr[0] "%(n)s部屋"\n'
    )
    assert catalogue.merge([fragment], po) == []
    assert said(catalogue.update(po, house)) == {("Gone", "dropped, the code does not say it")}
    once = po.read_bytes()
    assert catalogue.update(po, house) == []
    assert po.read_bytes() == once

    with catalogue.compile_to_mo(po).open("rb") as stream:
        japanese = gettext.GNUTranslations(stream)
    assert japanese.gettext("Title") == "題名"
    assert japanese.pgettext("of a room", "Kind") == "種別"
    assert japanese.ngettext("%(n)s room", "%(n)s rooms", 1) == "%(n)s部屋"
    assert said(catalogue.check(po, house)) == {
        (text, "not translated") for text in ("A long name", "Hello %(who)s", "%(n)s year", "none", "Label")
    }


def test_merge_fills_what_is_there_untranslated(house: Path, po: Path) -> None:
    catalogue.update(po, house)
    fragment = house / "late.po"
    fragment.write_text('msgid "Title"\nmsgstr "題名"\n\nmsgid "%(n)s year"\nmsgstr "%(n)s年"\n')
    assert catalogue.merge([fragment], po) == []
    assert not {"Title", "%(n)s year"} & {problem.text for problem in catalogue.check(po, house)}


def test_a_fragment_that_disagrees_is_reported_and_changes_nothing(house: Path, po: Path) -> None:
    po.write_text('msgid "Title"\nmsgstr "題名"\n')
    fragment = house / "other.po"
    fragment.write_text('msgid "Title"\nmsgstr "表題"\n')
    assert said(catalogue.merge([fragment], po)) == {("Title", "other.po says '表題', kept '題名'")}
    assert "題名" in po.read_text()


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ('msgid "Title"\nmsgstr ""', "not translated"),
        ('#, fuzzy\nmsgid "Title"\nmsgstr "題名"', "translation is marked fuzzy"),
        ('msgid "題名"\nmsgstr "題名"', "msgid is not English"),
        ('msgid "Title「a」"\nmsgstr "題名"', "msgid has Japanese brackets or stops"),
        ('msgid "Gone"\nmsgstr "無い"', "obsolete, the code does not say it"),
        (
            'msgctxt "greeting"\nmsgid "Hello %(who)s"\nmsgstr "%(whom)sさん"',
            "placeholders differ in '%(whom)sさん'",
        ),
        (
            'msgctxt "greeting"\nmsgid "Hello %(who)s"\nmsgstr "こんにちは"',
            "placeholders differ in 'こんにちは'",
        ),
        ("", "missing"),
    ],
)
def test_what_is_wrong_is_named(house: Path, po: Path, entry: str, what: str) -> None:
    po.write_text(entry + "\n")
    assert what in {problem.what for problem in catalogue.check(po, house)}


@pytest.mark.parametrize("msgid", ["Write it like 令和6年度, R6 or 2024.", "%(count)s of %(all)s", "– / ▲5"])
def test_english_may_show_a_notation(msgid: str) -> None:
    assert catalogue.is_english(msgid)


@pytest.mark.parametrize("msgid", ["目標値", "KPI達成状況", "Write it like きょう"])
def test_japanese_is_no_msgid(msgid: str) -> None:
    assert not catalogue.is_english(msgid)


def test_a_mo_older_than_its_po_is_stale(po: Path) -> None:
    po.write_text('msgid "Title"\nmsgstr "題名"\n')
    assert catalogue.is_stale(po)
    catalogue.compile_to_mo(po)
    assert not catalogue.is_stale(po)
