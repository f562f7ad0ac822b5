"""Words that an official would not write stand nowhere: not in the catalogue, not in code, not in the data that are loaded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from iconm_portal.site import catalogue

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("iconm_portal", "agreements", "finance", "kpi")

# What is refused, and what an official writes instead.
REFUSED = {
    "額を決めた": "上限の根拠",
    "限度": "上限",
    "収入(?!率・執行率).{0,8}執行率": "収入率",
    "計算書": "予算書・決算書",
    "確度": "値の区分",
    "順調か": "目標の達成状況",
    "よりどころ": "根拠",
    "もとづ": "基づ",
    "一度(だけ|きり|限り)|[1１一]回(だけ|きり|かぎり|のみ)": "1回限り",
    "継続して$|常時": "継続",
    "期日": "期限",
    "終わりの(日の)?定め": "終期の定め",
    "無償使用": "無償貸付",
    "無償の扱い": "無償貸付",
    "所在名|(?<!メール)アドレス": "URL",
    "申し出": "申出",
    "効力を持": "決定しました, 有効です, 発効する",
    "失効": "改定前",
    "明日から終了": "本日限りで終了します",
    "みずから": "自ら",
    "利用者名|ログイン名|ユーザ名": "ユーザー名",
}
# Still read: the heading of sheets that were downloaded before the word was changed.
READ = {("kpi/reports/upload/sheet_file.py", "確度")}


@pytest.mark.parametrize(("word", "instead"), REFUSED.items())
def test_no_text_holds_it(word: str, instead: str, texts: list[tuple[str, str]]) -> None:
    found = [(place, text) for place, text in texts if re.search(word, text) and (place, text) not in READ]
    assert not found, f"an official writes {instead}"


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    """Everything in Japanese that the portal can say or load, with its place."""
    said = [*_of_the_catalogue(), *_of_the_code(), *_of_the_data()]
    assert {place.rpartition(".")[2] for place, _text in said} >= {"po", "py", "html", "csv", "toml", "txt"}
    return said


PLAIN = re.compile(r"(?:(?<![まで])す|(?<!まし)(?<!でし)た|る|(?<!ださ)い|[うくむぶつぬだ])。(?!）)")
PROPOSED = {"%(side)sの提案：%(day)sを有効な最後の日とする。", "%(side)sの提案：訂正後も変更しない。"}
"""What somebody proposes is quoted as they settle it."""


def test_pages_speak_in_one_style() -> None:
    """です・ます on every page; である stays on paper (the sheets' own texts), where nobody is spoken to."""
    found = {text for _place, text in _of_the_catalogue() if PLAIN.search(text)}
    assert found == PROPOSED


WRITTEN_IN_JAPANESE = (
    "sheets.py",  # what is printed is Japanese in every language
    "kpi/papers/workbook.py",
    "agreements/duties/timings.py",  # how the papers print a rule
    "iconm_portal/imports/source_titles.py",  # titles of Japanese documents
    "kpi/management/commands/committee_pack.py",  # names of sheets
)


def test_a_list_is_parted_as_the_reader_writes() -> None:
    """English messages have no 、 between their parts: `values.text.listed` knows both languages."""
    found = [
        f"{file.relative_to(ROOT)}, line {node.lineno}"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if not str(file).endswith(WRITTEN_IN_JAPANESE)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "join"
        for part in ast.walk(node.value)
        if isinstance(part, ast.Constant) and part.value == "、"
    ]
    assert not found


EITHER_SIDE_READS = ("state", "standing", "word")
"""What stands in the names of the functions that say how things are: to whoever reads, on either side."""


def test_who_is_the_other_side_depends_on_the_reader() -> None:
    """“Waits for the other side” is wrong for the side for which it waits: such a sentence knows who reads it, or names both."""
    found = [
        f"{file.relative_to(ROOT)}, line {node.lineno}: {text}"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
        and set(node.name.split("_")) & set(EITHER_SIDE_READS)
        and not {"side", "user"} & {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
        for text in _constants(ast.Module(node.body, []))
        if "other side" in text
    ]
    assert not found


def _of_the_catalogue() -> Iterator[tuple[str, str]]:
    place = str(catalogue.PO_FILE.relative_to(ROOT))
    for message in catalogue.entries(catalogue.read()):
        for text in catalogue.translations(message):
            yield place, text


def _of_the_code() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for text in _constants(ast.parse(file.read_text())):
                yield str(file.relative_to(ROOT)), text


def _constants(tree: ast.Module) -> Iterator[str]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _of_the_data() -> Iterator[tuple[str, str]]:
    places = [file for package in PACKAGES for file in (ROOT / package).rglob("*.*")]
    for file in sorted([*places, *(ROOT / "templates").rglob("*.*")]):
        if file.suffix in {".csv", ".toml", ".txt", ".html"}:
            for line in file.read_text().splitlines():
                yield str(file.relative_to(ROOT)), line
