"""What looks wrong when all is read: gaps, repeats and disorder among numbers that should run from 1."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from agreements.wording.reading.nodes import Node, descend
from agreements.wording.styles import Style, label_of
from agreements.wording.tree import Kind, Problem, ProblemCode


def check(provisions: Sequence[Node], supplement: Sequence[Node]) -> Iterator[Problem]:
    """What the numbers and the empty places of a whole text show."""
    articles = [node for top in provisions for node in descend(top) if node.kind is Kind.ARTICLE]
    if not articles:
        yield Problem(ProblemCode.NO_ARTICLE, 0)
    yield from _check_numbers(articles, "")
    for top in (*provisions, *supplement):
        yield from _check_below(top, top.label if top.kind.stands_alone else "")


def _check_below(node: Node, within: str) -> Iterator[Problem]:
    within = node.label if node.kind.stands_alone else within
    if node.kind is Kind.CHAPTER:
        yield from _check_numbers([child for child in node.children if child.kind is Kind.CHAPTER], within)
    else:
        by_kind: dict[tuple[Kind, Style | None], list[Node]] = {}
        for child in node.children:
            by_kind.setdefault((child.kind, child.style), []).append(child)
        for siblings in by_kind.values():
            yield from _check_numbers(siblings, within)
        if not node.children and not any(node.pieces) and not node.heading.startswith("削除"):
            yield _note(ProblemCode.NO_TEXT, node, label=node.label, within=within)
    for child in node.children:
        yield from _check_below(child, within)


def _note(code: ProblemCode, node: Node, **params: str | int) -> Problem:
    return Problem(code, node.first, params)


def _check_numbers(nodes: Sequence[Node], within: str) -> Iterator[Problem]:
    """Gaps, repeats and disorder among numbers that should run from 1."""
    seen: dict[tuple[int, ...], int] = {}
    for node in nodes:
        if node.number in seen:
            first_line = seen[node.number]
            yield _note(ProblemCode.REPEATED, node, label=node.label, within=within, first_line=first_line)
        else:
            seen[node.number] = node.first
    highest: tuple[int, ...] = ()
    for node in nodes:
        if node.number < highest and seen[node.number] == node.first:
            after = _label_like(node, highest)
            yield _note(ProblemCode.OUT_OF_ORDER, node, label=node.label, within=within, after=after)
        highest = max(highest, node.number)
    yield from _check_gaps({node.number: node for node in reversed(nodes)}, within)


def _check_gaps(by_number: dict[tuple[int, ...], Node], within: str) -> Iterator[Problem]:
    last: tuple[int, ...] = (0,)
    for number in sorted(by_number):
        node = by_number[number]
        for first, final in _gaps(last, number):
            if first == final:
                yield _note(ProblemCode.MISSING, node, label=_label_like(node, first), within=within)
            else:
                ends = {"first": _label_like(node, first), "last": _label_like(node, final)}
                yield _note(ProblemCode.MISSING_RANGE, node, **ends, within=within)
        last = max(number, node.until)


def _gaps(
    last: tuple[int, ...], number: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The first and last of what is missing between two numbers: 第2条 between 第1条 and 第3条."""
    for depth, value in enumerate(number):
        stem = number[:depth]
        if last[: depth + 1] == number[: depth + 1]:
            continue
        before = last[depth] if len(last) > depth and last[:depth] == stem else min(depth, 1)
        # 第3条の2 stands on a 第3条, and の2 is the first of its kind.
        final = value - (depth == len(number) - 1)
        if before < final:
            yield (*stem, before + 1), (*stem, final)


def _label_like(node: Node, number: tuple[int, ...]) -> str:
    """How a missing neighbour of this provision would be printed."""
    match node.kind:
        case Kind.ARTICLE:
            if node.style is not None:
                return label_of(node.style, number).rstrip(".")
            unit = "条" if "条" in node.label else ""
            return f"第{number[0]}{unit}" + "".join(f"の{branch}" for branch in number[1:])
        case Kind.CHAPTER:
            return f"第{number[0]}{node.sign}" + "".join(f"の{branch}" for branch in number[1:])
        case Kind.PARAGRAPH | Kind.ITEM | Kind.SUBITEM | Kind.SUPPLEMENT:
            return label_of(node.style or Style.BARE, number)
        case _:
            assert_never(node.kind)
