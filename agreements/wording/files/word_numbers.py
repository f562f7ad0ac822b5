"""The numbers that Word sets before paragraphs by itself: they stand nowhere in the text, so they are counted again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from docx.oxml.ns import qn

from agreements.wording.files.word_runs import is_on
from agreements.wording.styles import Style, label_of

_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")


def _label(style: Style) -> Callable[[int], str]:
    return lambda number: label_of(style, (number,))


_FORMATS: Final[Mapping[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalFullWidth": lambda number: str(number).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda number: str(number).translate(_FULL_WIDTH),
    "decimalZero": lambda number: f"{number:02}",
    "decimalEnclosedCircle": _label(Style.CIRCLED),
    "decimalEnclosedCircleChinese": _label(Style.CIRCLED),
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "aiueo": _label(Style.KANA),
    "aiueoFullWidth": _label(Style.KANA),
    "iroha": _label(Style.IROHA),
    "irohaFullWidth": _label(Style.IROHA),
    "japaneseCounting": _label(Style.KANJI),
    "japaneseDigitalTenThousand": _label(Style.KANJI),
    "chineseCounting": _label(Style.KANJI),
    "chineseCountingThousand": _label(Style.KANJI),
    "taiwaneseCounting": _label(Style.KANJI),
    "taiwaneseCountingThousand": _label(Style.KANJI),  # what LibreOffice makes of Japanese counting
    "ideographDigital": _label(Style.KANJI),
    "lowerLetter": _label(Style.LATIN),
    "upperLetter": _label(Style.CAPITAL),
    "lowerRoman": _label(Style.ROMAN),
    "upperRoman": _label(Style.CAPITAL_ROMAN),
    "bullet": lambda _number: "・",
    "none": lambda _number: "",
}


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int
    restarts: int  # behind a number of a level below this one, counted from 0
    is_decimal: bool  # shows the numbers of all levels in plain digits
    style: str  # the paragraph style that is numbered on this level


@dataclass
class Numbering:
    """What the numbering part says, and how far each list has been counted."""

    levels: Mapping[str, Mapping[int, _Level]]  # by the list's id
    lists: Mapping[str, str]  # the abstract list by id: lists of one count on together
    by_style: Mapping[str, tuple[str, int]]  # paragraph styles that are numbered
    counted: dict[str, dict[int, int]] = field(default_factory=dict)

    def before(self, paragraph: Any) -> str | None:
        """The number before a paragraph, "" where it has none, None where it has one that is not known."""
        place = self._place(paragraph)
        if place is None:
            return ""
        list_id, depth = place
        levels = self.levels.get(list_id, {})
        level = levels.get(depth)
        if level is None:
            return None
        counts = self.counted.setdefault(self.lists.get(list_id, list_id), {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for lower in [other for other in counts if other > depth]:
            if depth < (levels[lower].restarts if lower in levels else lower):
                del counts[lower]
        text = "・" if level.form == "bullet" else level.text
        for number in range(depth + 1):
            inner = levels.get(number, level)
            make = _FORMATS.get("decimal" if level.is_decimal else inner.form)
            if make is None:
                return None
            text = text.replace(f"%{number + 1}", make(counts.get(number, inner.start)))
        return text

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """The list and the level, of the paragraph itself or of its style."""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return None
        style = _value(properties.find(qn("w:pStyle")))
        own = _of(properties.find(qn("w:numPr")))
        inherited = self.by_style.get(style or "")
        list_id = own[0] or (inherited[0] if inherited else None)
        depth = own[1] if own[1] is not None else (inherited[1] if inherited else 0)
        return None if list_id in (None, "0") else (str(list_id), depth)


def numbering_of(numbering: Any | None, styles: Any | None) -> Numbering:
    """What the parts of a file say, given as their XML; None where it has none."""
    abstract: dict[str, dict[int, _Level]] = {}
    levels: dict[str, dict[int, _Level]] = {}
    lists: dict[str, str] = {}
    defined: dict[str, str] = {}  # by the list style that an abstract list defines
    lent: dict[str, str] = {}  # the list style that one takes its levels from
    for one in () if numbering is None else numbering.iter(qn("w:abstractNum")):
        name = one.get(qn("w:abstractNumId"))
        abstract[name] = dict(map(_level, one.iter(qn("w:lvl"))))
        defined[_value(one.find(qn("w:styleLink"))) or ""] = name
        lent[name] = _value(one.find(qn("w:numStyleLink"))) or ""
    for one in () if numbering is None else numbering.iter(qn("w:num")):
        list_id, base = one.get(qn("w:numId")), _value(one.find(qn("w:abstractNumId"))) or ""
        base = defined.get(lent[base], base) if lent.get(base) else base
        levels[list_id] = dict(abstract.get(base, {}))
        lists[list_id] = base
        for change in one.iter(qn("w:lvlOverride")):
            depth, start = int(change.get(qn("w:ilvl"), "0")), _value(change.find(qn("w:startOverride")))
            levels[list_id].update(map(_level, change.iter(qn("w:lvl"))))
            if start is not None and depth in levels[list_id]:
                old = levels[list_id][depth]
                levels[list_id][depth] = replace(old, start=int(start))
                lists[list_id] = f"{base}/{list_id}"  # it begins anew
    return Numbering(levels, lists, _numbered_styles(styles, levels))


def _numbered_styles(
    styles: Any | None, levels: Mapping[str, Mapping[int, _Level]]
) -> dict[str, tuple[str, int]]:
    own: dict[str, tuple[str | None, int | None]] = {}
    above: dict[str, str | None] = {}
    for style in () if styles is None else styles.iter(qn("w:style")):
        name, properties = style.get(qn("w:styleId")), style.find(qn("w:pPr"))
        own[name] = _of(None if properties is None else properties.find(qn("w:numPr")))
        above[name] = _value(style.find(qn("w:basedOn")))
    found: dict[str, tuple[str, int]] = {}
    for name in own:
        here: str | None = name
        list_id: str | None = None
        depth: int | None = None
        for _step in range(20):  # a style may be based on itself, in a file that is wrong
            if here is None or here not in own:
                break
            list_id = list_id or own[here][0]
            depth = own[here][1] if depth is None else depth
            here = above[here]
        if list_id and depth is None:
            of_list = levels.get(list_id, {}).items()
            depth = next((at for at, level in of_list if level.style == name), None)
        if list_id:
            found[name] = (list_id, depth or 0)
    return found


def _level(level: Any) -> tuple[int, _Level]:
    depth = int(level.get(qn("w:ilvl"), "0"))
    return depth, _Level(
        _value(level.find(qn("w:numFmt"))) or "decimal",
        _value(level.find(qn("w:lvlText"))) or "",
        int(_value(level.find(qn("w:start"))) or 1),
        int(_value(level.find(qn("w:lvlRestart"))) or depth),
        bool(is_on(level, "w:isLgl")),
        _value(level.find(qn("w:pStyle"))) or "",
    )


def _of(properties: Any | None) -> tuple[str | None, int | None]:
    if properties is None:
        return None, None
    depth = _value(properties.find(qn("w:ilvl")))
    return _value(properties.find(qn("w:numId"))), None if depth is None else int(depth)


def _value(element: Any | None) -> str | None:
    return None if element is None else element.get(qn("w:val"))
