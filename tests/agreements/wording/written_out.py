"""Random agreements, written out in every notation and damaged as extraction from PDF files does. Pure; no reader in it.

`invented` makes a tree; `Scribe` writes it in one notation that is chosen by chance; `damaged` breaks lines, tears numbers
off, and puts page numbers between.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

WORDS = (
    "甲は 乙は 丙と話し合い 緑地の手入れを 水辺を守り 市民に知らせ 道具をそろえ 苗木12本を 一般の市民に 二つの館を 2回の会を 分担金を"
    " 本施設で 第3条の費用を イベントを アトリエで 前項の定めを 毎年3月末までに 図書（古い地図を含む。）を 年度の計画を 一部の席を 人員を"
).split()
HEADINGS = "目的 役割 費用の負担 期間 会議 道具 個人情報の扱い".split()
_KANJI = ("", *"一二三四五六七八九")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"


@dataclass
class Leaf:
    """A provision: the last part of its key, its number, heading and text, and what stands below it."""

    code: str
    number: tuple[int, ...]
    text: str = ""
    heading: str = ""
    children: list["Leaf"] = field(default_factory=list)


def flat(leaves: list[Leaf], above: str = "") -> Iterator[tuple[str, str, str]]:
    """Key, heading and text of each, in reading order, as the reader has them."""
    for leaf in leaves:
        hangs = above if not leaf.code.startswith(("art", "sup")) or above.startswith("sup") else ""
        hangs = above if leaf.code.startswith("sec") else hangs
        key = f"{hangs}/{leaf.code}" if hangs else leaf.code
        yield key, leaf.heading, "".join(leaf.text.split())
        yield from flat(leaf.children, key)


def sentence(chance: random.Random, ending: str = "行う。") -> str:
    return "、".join(chance.sample(WORDS, chance.randint(1, 4))) + "、" + ending


def plain_sentence(chance: random.Random) -> str:
    """One that does not begin with what a number counts, or with a number."""
    while (text := sentence(chance))[0] in "2年":
        pass
    return text


def _code(name: str, number: tuple[int, ...]) -> str:
    return name + "-".join(map(str, number))


def _numbers(chance: random.Random, count: int, branches: float = 0.05) -> list[tuple[int, ...]]:
    """1, 2, 2の2, 3 …"""
    numbers: list[tuple[int, ...]] = []
    for number in range(1, count + 1):
        numbers.append((number,))
        if chance.random() < branches:
            numbers.append((number, 2))
    return numbers


def invented(chance: random.Random) -> list[Leaf]:
    """Articles, under chapters or not, each with paragraphs, items and items below them."""
    articles = [_article(chance, number) for number in _numbers(chance, chance.randint(1, 5))]
    if chance.random() < 0.6 or len(articles) < 2:
        return articles
    middle = chance.randint(1, len(articles) - 1)
    parts = [articles[:middle], articles[middle:]]
    second = chance.choice([(2,), (1, 2)])
    return [
        Leaf(_code("chap", number), number, heading=heading, children=part)
        for number, heading, part in zip([(1,), second], ["総則", "雑則"], parts, strict=True)
    ]


def _article(chance: random.Random, number: tuple[int, ...]) -> Leaf:
    paragraphs = []
    ending = chance.choice(["行うこと", "決めること。"])
    for count in range(1, chance.randint(2, 5)):
        paragraph = Leaf(f"par{count}", (count,), plain_sentence(chance))
        for item in _numbers(chance, chance.choice([0, 0, 2, 4])):
            leaf = Leaf(_code("item", item), item, sentence(chance, ending))
            for below in _numbers(chance, chance.choice([0, 0, 2, 3]), 0):
                sub = Leaf(f"sub{below[0]}", below, sentence(chance, "植える木"))
                for third in _numbers(chance, chance.choice([0, 0, 0, 2]), 0):
                    sub.children.append(Leaf(f"sub{third[0]}", third, sentence(chance, "配る苗")))
                leaf.children.append(sub)
            paragraph.children.append(leaf)
        paragraphs.append(paragraph)
    return Leaf(_code("art", number), number, heading=chance.choice(HEADINGS), children=paragraphs)


# -- Notations --


def wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    return f"{'十' if tens else ''}{_KANJI[ones]}"


def _decimal(number: tuple[int, ...], form: str) -> str:
    first, *branches = number
    inside = form.format(first)
    return inside + "".join(f"の{branch}" for branch in branches)


LEVELS = {
    "(1)": lambda number: _decimal(number, "({})"),
    "（１）": lambda number: wide(_decimal(number, "({})")).replace("の", "の"),
    "⑴": lambda number: chr(0x2473 + number[0]) + "".join(f"の{branch}" for branch in number[1:]),
    "①": lambda number: _CIRCLED[number[0] - 1] + "".join(f"の{branch}" for branch in number[1:]),
    "一": lambda number: "の".join(map(kanji, number)),
    "1)": lambda number: f"{number[0]})",
    "1.": lambda number: f"{number[0]}.",
}
BELOW = {
    "ア": lambda number: "アイウエ"[number[0] - 1],
    "イ": lambda number: "イロハニ"[number[0] - 1],
    "（ア）": lambda number: f"（{'アイウエ'[number[0] - 1]}）",
    "(a)": lambda number: f"({'abcd'[number[0] - 1]})",
    "a": lambda number: "abcd"[number[0] - 1],
    "(i)": lambda number: f"({('i', 'ii', 'iii', 'iv')[number[0] - 1]})",
    "ⅰ": lambda number: chr(0x216F + number[0]),
    "㋐": lambda number: chr(0x32CF + number[0]),
}


@dataclass
class Line:
    """A line of the text: a number, and what stands behind it. `depth` 0 for what has none of its own."""

    mark: str
    gap: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark}{self.gap}{self.text}"


class Scribe:
    """One notation, held through a whole text."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.in_kanji = chance.random() < 0.3
        self.item = chance.choice([*LEVELS] if not self.in_kanji else ["一", "(1)"])
        self.sub, self.third = chance.sample(
            [name for name in BELOW if not (self.item == "一" and name == "ア")], 2
        )
        while {self.sub, self.third} in ({"ア", "イ"}, {"(a)", "(i)"}, {"ア", "㋐"}, {"イ", "㋐"}):
            self.sub, self.third = chance.sample(list(BELOW), 2)
        self.paragraph = chance.choice(["{} ", "{}　", "{}．", "{}"])
        self.is_wide = chance.random() < 0.4
        if self.item == "1." and self.paragraph == "{}．":
            self.item = "(1)"
        self.heading = chance.choice(["（{}）", "({})", "【{}】", "above", "behind"])
        self.is_behind = chance.random() < 0.3
        self.is_spaced = chance.random() < 0.75
        self.has_contents = chance.choice(["", "", "……… {}", " {}", ""]) if chance.random() < 0.5 else None

    def text(self, leaves: list[Leaf]) -> list[Line]:
        """The lines; items lose their branches where the notation has none."""
        if self.item in ("1.", "1)"):
            _without_branches(leaves)
        lines = [Line("", "", "緑地の手入れに関する協定書")]
        if self.has_contents is not None:
            lines += self._contents(leaves)
        lines.append(Line("", "", "甲と乙は、次のとおり協定を結ぶ。"))
        for leaf in leaves:
            if leaf.code.startswith("chap"):
                lines.append(Line(self._number("第{}章", leaf.number), " ", leaf.heading))
                for article in leaf.children:
                    lines += self._article(article)
            else:
                lines += self._article(leaf)
        return lines

    def _number(self, form: str, number: tuple[int, ...]) -> str:
        first, *branches = (kanji(part) if self.in_kanji else str(part) for part in number)
        written = form.format(first) + "".join(f"の{branch}" for branch in branches)
        return wide(written) if self.is_wide and not self.in_kanji else written

    def _contents(self, leaves: list[Leaf]) -> Iterator[Line]:
        yield Line("", "", self.chance.choice(["目次", "目　次", "【目次】"]))
        page = 1
        for leaf in leaves:
            for part in [leaf, *leaf.children] if leaf.code.startswith("chap") else [leaf]:
                form = "第{}章" if part.code.startswith("chap") else "第{}条"
                behind = (self.has_contents or "").format(page)
                yield Line(self._number(form, part.number), " ", part.heading + behind)
                page += self.chance.randint(0, 1)

    def _article(self, leaf: Leaf) -> Iterator[Line]:
        number, gap = self._number("第{}条", leaf.number), self.chance.choice([" ", "　"])
        first, *others = leaf.children
        if self.heading == "above":
            yield Line("", "", leaf.heading)
            yield Line(number, gap, first.text)
        elif self.heading == "behind":
            yield Line(number, gap, leaf.heading)
            yield Line("", "", first.text)
        else:
            heading = self.heading.format(leaf.heading)
            if self.is_behind:
                yield Line(number, "", heading + first.text)
            else:
                yield Line("", "", heading)
                yield Line(number, gap, first.text)
        yield from self._below(first)
        for paragraph in others:
            mark = self.paragraph.format(paragraph.number[0])
            yield Line(wide(mark) if self.is_wide else mark, "", paragraph.text)
            yield from self._below(paragraph)

    def _below(self, leaf: Leaf, depth: int = 0) -> Iterator[Line]:
        forms = (LEVELS[self.item], BELOW[self.sub], BELOW[self.third])
        styles = (self.item, self.sub, self.third)
        for child in leaf.children:
            needs_gap = styles[depth] in ("1.", "一", "a", "ⅰ") or len(child.number) > 1
            gap = self.chance.choice([" ", "　"]) if self.is_spaced or needs_gap else ""
            if styles[depth] in "アイ" and "ァ" <= child.text[0] <= "ヶ":
                gap = gap or " "
            yield Line(forms[depth](child.number), gap, child.text)
            yield from self._below(child, depth + 1)


def _without_branches(leaves: list[Leaf]) -> None:
    for leaf in leaves:
        leaf.children = [
            child for child in leaf.children if not (child.code.startswith("item") and len(child.number) > 1)
        ]
        _without_branches(leaf.children)


# -- Damage --


def damaged(lines: list[Line], chance: random.Random) -> str:
    """The lines as a PDF gives them: broken, in mixed widths, with page numbers, with numbers torn off."""
    out: list[str] = []
    page = 0
    breaks, pages, torn = chance.random() * 0.08, chance.random() * 0.06, chance.choice([0, 0, 0.03, 0.1])
    page_form = chance.choice(["- {} -", "{}", "{}/9", "\f{}", "p.{}"])
    for line in lines:
        text = str(line)
        if line.mark and chance.random() < torn:
            out.append(line.mark)
            text = line.text
        if chance.random() < 0.1:
            text = text.replace("（", "(").replace("）", ")")
        if chance.random() < 0.15:
            text = chance.choice(["  ", "　"]) + text
        for piece in _broken(text, chance, breaks):
            out.append(piece)
            if chance.random() < pages:
                page += 1
                out += chance.choice([["", page_form.format(page), ""], [page_form.format(page)]])
    if chance.random() < 0.2:
        out = _joined(out, chance)
    return "\n".join(out) + "\n"


def _broken(text: str, chance: random.Random, share: float) -> Iterator[str]:
    start = 0
    for place in range(8, len(text) - 1):
        left, right = text[place - 1], text[place]
        safe = not left.isascii() and right not in "、。（）(" and left not in "（("
        if safe and chance.random() < share:
            yield text[start:place]
            start = place
    yield text[start:]


def _joined(lines: list[str], chance: random.Random) -> list[str]:
    """Some lines run on behind a full stop, as two columns do."""
    out: list[str] = []
    for line in lines:
        if out and out[-1].endswith("。") and line[:1] in "(（アイ①②" and chance.random() < 0.3:
            out[-1] += line
        else:
            out.append(line)
    return out
