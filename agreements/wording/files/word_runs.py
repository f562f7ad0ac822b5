"""The text within the paragraphs of a Word file, as it reads: without what was deleted or hidden, furigana, boxes beside
it, and the numbers of pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from docx.oxml.ns import qn

from agreements.wording.files.extracted import plain

NOT_READ: Final = frozenset(
    {qn("w:del"), qn("w:moveFrom"), qn("w:rt"), qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)  # fmt: skip
_TEXTS: Final = {
    qn("w:tab"): "\u3000",
    qn("w:ptab"): "\u3000",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}
_PROPERTIES: Final = frozenset({qn("w:pPr"), qn("w:rPr"), qn("w:sdtPr")})
_PAGE_FIELD: Final = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|SECTION)\b", re.IGNORECASE)


def is_on(properties: Any | None, name: str) -> bool | None:
    """A property that is on or off; None where nothing is said of it."""
    found = None if properties is None else properties.find(qn(name))
    return None if found is None else found.get(qn("w:val"), "true") not in ("0", "false", "off")


def hidden_styles(styles: Any | None) -> frozenset[str]:
    """The styles whose text is hidden, by themselves or by what they are based on."""
    own: dict[str, bool | None] = {}
    above: dict[str, str | None] = {}
    for style in () if styles is None else styles.iter(qn("w:style")):
        name, base = style.get(qn("w:styleId")), style.find(qn("w:basedOn"))
        own[name] = is_on(style.find(qn("w:rPr")), "w:vanish")
        above[name] = None if base is None else base.get(qn("w:val"))
    return frozenset(name for name in own if _inherited(name, own, above))


def _inherited(name: str, own: dict[str, bool | None], above: dict[str, str | None]) -> bool:
    here: str | None = name
    for _step in range(20):  # a style may be based on itself, in a file that is wrong
        if here is None or own.get(here) is not None:
            break
        here = above.get(here)
    return bool(here and own.get(here))


@dataclass
class Runs:
    """Reads paragraph after paragraph: a field may reach over several."""

    hidden: frozenset[str]  # styles
    fields: list[str] = field(default_factory=list)  # what the open fields show, outermost first
    is_result: list[bool] = field(default_factory=list)  # of each, whether its result has begun
    met_hidden: bool = False  # since it was last asked

    def text_of(self, element: Any) -> str:
        """The text of a paragraph."""
        style = _style(element, "w:pPr", "w:pStyle")
        text = "".join(self._pieces(element, style in self.hidden))
        while self.fields and self._is_aside():  # one that nothing ends would swallow the rest
            self.fields.pop()
            self.is_result.pop()
        return text

    def is_gone(self, paragraph: Any) -> bool:
        """Whether the end of a paragraph was deleted, or is hidden, so that what follows it goes on in it."""
        mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
        if mark is None:
            return False
        deleted = mark.find(qn("w:del")) is not None or mark.find(qn("w:moveFrom")) is not None
        hidden = bool(is_on(mark, "w:vanish") or is_on(mark, "w:specVanish"))
        self.met_hidden |= hidden
        return deleted or hidden

    def _pieces(self, element: Any, is_hidden: bool) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag in NOT_READ or tag in _PROPERTIES:
                continue
            if tag == qn("w:r"):
                yield from self._run(child, is_hidden)
            elif tag == qn("w:fldSimple"):
                if not _PAGE_FIELD.match(child.get(qn("w:instr"), "")):
                    yield from self._pieces(child, is_hidden)
            else:
                yield from self._pieces(child, is_hidden)

    def _run(self, run: Any, is_hidden: bool) -> Iterator[str]:
        own = is_on(run.find(qn("w:rPr")), "w:vanish")
        style = _style(run, "w:rPr", "w:rStyle")
        gone = own if own is not None else is_hidden or style in self.hidden
        for child in run:
            if child.tag == qn("w:fldChar"):
                self._turn(child.get(qn("w:fldCharType")))
            elif child.tag == qn("w:instrText") and self.fields:
                self.fields[-1] += child.text or ""
            elif child.tag in NOT_READ or child.tag in _PROPERTIES or self._is_aside():
                continue
            elif child.tag == qn("w:t") or child.tag in _TEXTS:
                said = plain(child.text or "") if child.tag == qn("w:t") else _TEXTS[child.tag]
                self.met_hidden |= bool(gone and said.strip())
                yield "" if gone else said
            else:
                yield from self._pieces(child, bool(gone))

    def _turn(self, kind: str | None) -> None:
        if kind == "begin":
            self.fields.append("")
            self.is_result.append(False)
        elif kind == "separate" and self.fields:
            self.is_result[-1] = True
        elif kind == "end" and self.fields:
            self.fields.pop()
            self.is_result.pop()

    def _is_aside(self) -> bool:
        """Whether a field is open that shows the number of a page, or what a field is told is being read."""
        return not all(self.is_result) or any(map(_PAGE_FIELD.match, self.fields))


def _style(element: Any, properties: str, name: str) -> str | None:
    found = element.find(f"{qn(properties)}/{qn(name)}")
    return None if found is None else found.get(qn("w:val"))
