"""The numbers and headings that open an article, a chapter or a supplement, and what a text begins and ends with."""

import re
from dataclasses import dataclass
from typing import Final

from agreements.wording.letters import KANJI, parse_numeral
from agreements.wording.lines import PreparedLine
from agreements.wording.marks import CLOSE_REFERENCE, REFERENCE
from agreements.wording.styles import Style
from agreements.wording.tree import LONGEST_HEADING

_BRACKETED: Final = r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|【[^【】]*】|〔[^〔〕]*〕|\[[^\[\]]*\])"
HEADING: Final = re.compile(_BRACKETED)
HEADING_BEHIND: Final = re.compile(rf"(?<=。){_BRACKETED}$")
_NO_HEADING: Final = re.compile(
    rf"以下|第 ?(?:\d+|{KANJI}+) ?条|.*。|.*(?:除く|限る|含む|いう|同じ)$"
    rf"|(?:中?略|省略)$|[\d ]*$|案$|[a-zA-Zァ-ン]$|[ivxⅰ-ⅻ]+$|{KANJI}+$"
)
_ARTICLE: Final = re.compile(rf"第 ?(\d[\d ]{{0,5}}|{KANJI}{{1,7}}) ?[条條]")
_DELETED: Final = re.compile(
    rf"((?: ?から ?|[~-]| ?及び ?|、)第 ?(\d{{1,5}}|{KANJI}{{1,7}}) ?条(?: ?まで)?) ?(?=\(?(?:削除|略|省略))"
)
_BRANCH: Final = re.compile(rf" ?の ?(\d{{1,3}}|{KANJI}{{1,4}})(?!\d)")
_BRANCH_WORD: Final = re.compile(r"[部者方般定切種つ回年月日人箇か個度項号次層体]")
CHAPTER: Final = re.compile(
    rf"第 ?(\d{{1,3}}|{KANJI}{{1,5}}) ?([編章節款])"
    rf"((?: ?の ?(?:\d{{1,2}}(?![\d部者方般定切種つ回年月日人箇か個度項号次層体])|{KANJI}{{1,3}}(?=[ (の]|$)))*)"
)
CHAPTER_CODES: Final = {"編": "part", "章": "chap", "節": "sec", "款": "subsec"}
_SUPPLEMENT_NAMES: Final = (
    "[一-龠々ァ-ヶー]{0,20}(?:特 ?約 ?条 ?項|特 ?記 ?事 ?項|仕 ?様 ?書)(?=[ ()\\]】〕>〉]|$)"
    rf"|(?:別 ?[記紙] ?)?第 ?(?:\d{{1,3}}|{KANJI}{{1,3}}) ?号 ?(?:の ?\d{{1,2}} ?)?様 ?式(?: ?の ?\d{{1,2}}(?!\d))?"
    "|[附付] ?則 ?別 ?表|[附付] ?則|(?:別 ?[記紙]|参 ?考)? ?様 ?式|別 ?記|別 ?表|別 ?紙"
    "|別 ?添(?: ?資 ?料)?|別 ?図|別 ?冊|別 ?掲|別 ?葉"
    "|[附付] ?[録表図]|参 ?考 ?資 ?料|参 ?考(?= ?\\d)|[附付添] ?[属付] ?(?:資 ?料|書 ?類|図 ?面?)|資 ?料(?= ?\\d)"
)
SUPPLEMENT: Final = re.compile(
    rf"[\[【〔(<〈]? ?({_SUPPLEMENT_NAMES})"
    rf" ?(第? ?(?:\d{{1,3}}|{KANJI}{{1,3}}) ?号?(?:(?: ?の ?|-)(?:\d{{1,2}}|{KANJI}{{1,3}})(?!\d)号?)*"
    rf"(?: ?その ?(?:\d{{1,2}}|{KANJI}{{1,2}}))?)?"
    r" ?[\]】〕)>〉]?"
)
_LINE_KEEPERS: Final = re.compile("別表|[附付]則別表|[附付][録表図]|別図|.*様式|参考")
CLOSING_WORDS: Final = re.compile(
    r"(?:本|この|上記|以上|右|前記|後日|これ|締結|成立|合意)[^。]{0,40}?(?<![検保実認])証(?:と|す(?!る[^。、]{0,3}[書資類])|し|拠|左)"
    r"|以上のとおり.{0,10}(?:協定|契約|合意).{0,6}締結"
    r"|(?:本書|正本|[協契覚証][定約書]?書|この[協契覚][定約]?書?|書面|同文)(?:を|の)?[^。、]{0,8}"
    r"[\d一二三四五六七八九十]{1,2} ?(?:通|部)[^。]{0,6}"
    r"(?:を?作|作成|とり交|取り?交)[^。]*(?:記名|押印|署名|所持|保有|保管|所有|保存)"
    r"|各[^。]{0,6}[\d一] ?[通部][^。]{0,8}(?:所持|保有|保管|所有|保存)"
    r"|(?:電磁的記録|電子)[^。]*(?:記録を作成|電子署名)[^。]*(?:証|保[管有存])"
)
_NUMBER: Final = "[\\d元〇○_一二三四五六七八九十X ]"
DATE: Final = re.compile(
    rf"(?:締結日|契約日|協定日|日付)?[ :]*(?:令和|平成|昭和|西暦|R|H)? ?{_NUMBER}{{0,8}}年{_NUMBER}{{0,6}}月{_NUMBER}{{0,6}}日"
)
SIGNATURE: Final = re.compile(
    r"\(?[甲乙丙丁戊]\)?(?:[ :(]|$)(?! ?(?:[はがのをにと、]|及び|又は|並びに|若しくは|[甲乙丙丁戊]))"
    r"|(?:委託者|受託者|発注者|受注者|貸主|借主|貸付人|借受人|指定者|指定管理者|当事者)[ :(]"
    r"|(?:住 ?所|所 ?在 ?地|名 ?称|氏 ?名|代 ?表 ?者)[ :].{2,}"
)
"""The block in which the parties sign."""
LISTS_WHAT_FOLLOWS: Final = re.compile(
    r"(?:次|以下|下記|左記)(?:の|に)|[とど]おり(?:とする|である)?。$|下記|当事者"
)
"""A sentence that what comes next belongs to, though it look like signatures."""
ALL_SAID: Final = re.compile("以 ?上")
OF_OTHER_KINDS: Final = re.compile(
    rf"\d{{1,2}}(?:[.-]\d{{1,2}})+(?= |[ぁ-んァ-ヶ一-龠])|第 ?(?:\d{{1,2}}|{KANJI}{{1,3}})(?= |\(|$)"
)
"""1.1, and 第1 without 条 in a text with articles: no provisions here, but lines of their own."""
ALONE: Final = re.compile("記|以 ?上")
"""What stands in a line by itself."""
NOTE: Final = re.compile(r"[※＊◎○●◆◇■□▲△►▶]|\(?(?:注|備考)[ \d)]")
"""What begins a note: it stays a line of its own."""
NEVER_A_HEADING: Final = re.compile("記|以 ?上|以下余白|次頁|別紙|.{1}")
CONTENTS: Final = re.compile(r"[\[【〔(<〈■◆●]? ?(?:条文)? ?(?:目 ?次|も ?く ?じ) ?[\]】〕)>〉:]?")
LEADERS: Final = re.compile(
    r"(?:…{2,}|‥{2,}|\.{4,}|・{4,}|-{4,}|…|(?:\. ){3,}|(?:・ ){3,})[ .…‥・-]*(?:\d{1,4}|P ?\d+)$"
)
RANGE: Final = re.compile(r"\(第[^()]{1,30}条[^()]{0,30}\)?$")
TITLE_END: Final = re.compile(
    r"(?:書|契約|協定|約款|規約|規程|規則|要綱|要領|条例|細則|特記事項|特約条項)(?: ?[(\[〔【]?案[)\]〕】]?)?$"
)
NO_TITLE: Final = re.compile(
    r"[(\[〔【]?(?:収 ?入 ?)?印 ?紙.{0,12}|.{0,12}(?:番 ?号|No\.?)[ :].*|.{0,12}第 ?[\d〇○ -]+ ?号"
    r"|[(\[〔【]?(?:写|写し|控|案|抜粋|別添\d?|資料\d?)[)\]〕】]?"
)
"""What stands over a title on many first pages."""
NAMED_DRAFT: Final = re.compile(r"[(\[〔【] ?案 ?[)\]〕】]")
AMENDS: Final = re.compile(
    r"次の(?:表の)?(?:よう|とおり)に?(?:改め|加え|追加|変更|改正)(?:る|ます|する|します)?。?$|次の[^。]{1,12}を加える。$"
)
"""A sentence after which a wording is quoted, often without marks of quotation."""


def keeps_lines(label: str) -> bool:
    """Whether what stands in a supplement of this name are rows, not sentences."""
    return _LINE_KEEPERS.match(label) is not None


@dataclass(frozen=True, slots=True)
class ArticleMark:
    """第3条の2（目的）… at a line's beginning; `rest` is what follows number and heading."""

    number: tuple[int, ...]
    label: str
    heading: str
    rest: str
    refers: bool  # reads on like a reference, with nothing between
    may_refer: bool  # the same after a stray space
    spaced: bool  # number and text are set apart
    until: tuple[int, ...] = ()  # 第4条から第6条まで 削除: the last of them
    style: Style | None = None  # of a number that stands for an article: 1


def article_mark(line: PreparedLine) -> ArticleMark | None:
    before, start = _leading_heading(line)
    match = _ARTICLE.match(line.plain, start)
    number = parse_numeral(match[1]) if match else 0
    if not match or not number:
        return None
    branches, end = _branches(line.plain, match.end())
    deleted = _DELETED.match(line.plain, end)
    if deleted:
        return ArticleMark(
            number=(number, *branches),
            label=line.plain[start : deleted.end(1)].replace(" ", ""),
            heading=before,
            rest=line.text[deleted.end(1) :].strip(),
            refers=False,
            may_refer=False,
            spaced=True,
            until=(parse_numeral(deleted[2]),),
        )
    follows = line.plain[end : end + 100]
    after, used = heading_at(line, end + (follows[:1] == " "))
    if after:
        end = used
        refers = REFERENCE.match(line.plain[end : end + 20]) is not None
        spaced, may_refer = True, refers
    else:
        may_refer = REFERENCE.match(follows) is not None
        spaced = follows[:1] in ("", " ", ":", ".")
        refers = (may_refer and not spaced) or CLOSE_REFERENCE.match(follows) is not None
    label = f"第{number}条" + "".join(f"の{branch}" for branch in branches)
    rest = line.text[end:].strip(" 　:：.．")
    return ArticleMark((number, *branches), label, before or after, rest, refers, may_refer, spaced)


def _branches(plain: str, end: int) -> tuple[list[int], int]:
    """The 2 of 第3条の2; not the 一 of 第三条の一部."""
    found: list[int] = []
    while len(found) < 3:
        match = _BRANCH.match(plain, end)
        if not match or not parse_numeral(match[1]) or _BRANCH_WORD.match(plain, match.end()):
            break
        if parse_numeral(match[1]) == 1 and plain[match.end() : match.end() + 1] not in ("", " ", "("):
            break  # 第3条の1 stands apart from its text
        found.append(parse_numeral(match[1]))
        end = match.end()
    return found, end


def _leading_heading(line: PreparedLine) -> tuple[str, int]:
    """（目的） in front of 第1条 on the same line, and where it ends."""
    heading, end = heading_at(line, 0)
    end += line.plain[end : end + 1] == " "
    return (heading, end) if heading and _ARTICLE.match(line.plain, end) else ("", 0)


def heading_at(line: PreparedLine, start: int) -> tuple[str, int]:
    """A bracketed heading at a place of a line and where it ends; "" if there is none."""
    match = HEADING.match(line.plain[start : start + LONGEST_HEADING + 2])
    inside = match[0][1:-1].strip() if match else ""
    if not match or not inside or _NO_HEADING.match(inside):
        return "", start
    end = start + match.end()
    return line.text[start + 1 : end - 1].strip(), end


def unspaced(heading: str) -> str:
    """目的 for 目 的, which is how short headings are set."""
    parts = heading.split(" ")
    return "".join(parts) if all(len(part) == 1 and not part.isascii() for part in parts) else heading
