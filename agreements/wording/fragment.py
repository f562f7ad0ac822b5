"""What a person types for one provision, read as an imported text is: its items become items, and what is doubtful is named."""

from dataclasses import dataclass, replace
from typing import Final, assert_never

from agreements.wording.marks import marks_of
from agreements.wording.reading.reader import Reader
from agreements.wording.tree import Kind, LineUse, Problem, ProblemCode, Provision, Wording

_ARTICLE: Final = "第1条（条） "


@dataclass(frozen=True, slots=True)
class Fragment:
    """The text of the provision itself, and what stands below it: keys go on from the provision's own.

    Of an article all text stands in its paragraphs. `problems` count the lines that were typed.
    """

    text: str
    below: tuple[Provision, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_fragment(kind: Kind, text: str, label: str = "") -> Fragment:
    """A provision of that kind as typed. `label` is its own number, which may stand before the text."""
    typed = _without(label, text.replace("\r\n", "\n").strip())
    if not typed:
        return Fragment("")
    # The text in which a provision of the kind stands, and its key there
    match kind:
        case Kind.CHAPTER | Kind.SUPPLEMENT:
            return Fragment(typed)
        case Kind.ARTICLE:
            return _read(typed, _ARTICLE, "art1")
        case Kind.PARAGRAPH:
            return _read(typed, _ARTICLE, "art1/par1")
        case Kind.ITEM:
            return _read(typed, f"{_ARTICLE}次による。\n(1) ", "art1/par1/item1")
        case Kind.SUBITEM:
            return _read(typed, f"{_ARTICLE}次による。\n(1) 次のもの\nア ", "art1/par1/item1/sub1")
        case _:
            assert_never(kind)


def _without(label: str, typed: str) -> str:
    first, end, further = typed.partition("\n")
    own = next((mark for mark in marks_of(first) if label and mark.label == label and mark.rest), None)
    return f"{own.rest}{end}{further}" if own else typed


def _read(typed: str, before: str, key: str) -> Fragment:
    wording = Reader((before + typed).split("\n")).read()
    skipped = before.count("\n")
    problems = tuple(
        replace(problem, line=max(1, problem.line - skipped))
        for problem in wording.problems
        if problem.code is not ProblemCode.NO_TITLE
    )
    node = wording.find(key)
    beyond = _beyond(wording, key, skipped)
    if node is None or beyond:
        at = beyond or 1
        label = typed.split("\n")[min(at, typed.count("\n") + 1) - 1][:40]
        named = Problem(ProblemCode.STANDS_BEYOND, at, {"label": label})
        return Fragment(typed, problems=(named, *problems))
    return Fragment(node.text, tuple(_moved(child, len(key) + 1) for child in node.children), problems)


def _beyond(wording: Wording, key: str, skipped: int) -> int:
    """The first line, as typed, that stands in another provision, or in none; 0 where there is none."""
    for line in wording.lines[skipped:]:
        within = line.belongs_to == key or line.belongs_to.startswith(f"{key}/")
        first = line.number == skipped + 1  # the number before what was typed stands on it
        if not within and line.use is not LineUse.BLANK and not (first and line.belongs_to):
            return line.number - skipped
    return 0


def _moved(node: Provision, length: int) -> Provision:
    """With the key that goes on from the provision typed."""
    children = tuple(_moved(child, length) for child in node.children)
    return replace(node, key=node.key[length:], children=children)
