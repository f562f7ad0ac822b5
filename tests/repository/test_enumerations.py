"""Every member of every enumeration is handled wherever behaviour depends on it.

Two halves. The code and the templates are read: a table keyed by members names all of them, a `match` over members ends
in `assert_never` (so that mypy holds it complete), several members together are a question that has a name, and no member
is compared as a bare text. Then every member is walked through all that answers for one: the properties of its
enumeration, the functions that take one, the labels and the choices of forms and fields.
What pages make of members is in `test_enumerations_on_pages.py`.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation

from iconm_portal.models import Role, Side
from iconm_portal.people import access

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("iconm_portal", "agreements", "finance", "kpi")
NOT_IMPORTED = (".migrations", ".wsgi", ".asgi")
Found = Iterator[str]


@cache
def modules() -> tuple[ModuleType, ...]:
    """All modules of the portal; migrations keep what was true when they were written."""
    names = [
        found.name
        for package in PACKAGES
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if not any(part in found.name for part in NOT_IMPORTED)
    ]
    return tuple(importlib.import_module(name) for name in names)


@cache
def enumerations() -> tuple[type[Enum], ...]:
    found = {
        one
        for module in modules()
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Enum) and one.__module__.split(".")[0] in PACKAGES
    }
    return tuple(sorted(found, key=name_of))


def name_of(enumeration: type[Enum]) -> str:
    return f"{enumeration.__module__}.{enumeration.__qualname__}"


@cache
def tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text())


@cache
def nodes() -> tuple[tuple[ModuleType, ast.AST], ...]:
    """Everything that is written in the modules."""
    return tuple((module, node) for module in modules() for node in ast.walk(tree(module)))


def member(node: ast.AST, module: ModuleType) -> Enum | None:
    """The member that an expression such as `Kind.FLOW` or `models.Kind.FLOW` names."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    found: object = vars(module).get(node.id)
    for name in reversed(names):
        found = getattr(found, name, None)
    return found if isinstance(found, Enum) else None


def members(written: Iterable[ast.AST | None], module: ModuleType) -> set[Enum]:
    """The members that the expressions name, where they name nothing but members of one enumeration."""
    found = {member(node, module) if node else None for node in written}
    known = {one for one in found if one is not None}
    return known if len(known) == len(found) and len({type(one) for one in known}) == 1 else set()


def rest(found: set[Enum]) -> set[Enum]:
    """The members of the same enumeration that are not among them."""
    return set(type(next(iter(found)))) - found if found else set()


def names(found: set[Enum]) -> str:
    return ", ".join(sorted(str(one.name) for one in found))


def place(module: ModuleType, node: ast.AST) -> str:
    return f"{module.__name__}, line {getattr(node, 'lineno', 0)}"


# --- how the code is written --------------------------------------------------------------------


def test_a_table_names_every_member() -> None:
    assert not list(incomplete_tables())


def incomplete_tables() -> Found:
    for module, node in nodes():
        if isinstance(node, ast.Dict):
            found = members(node.keys, module)
            if rest(found):
                yield f"{place(module, node)}: the table has nothing for {names(rest(found))}"


def test_a_match_is_held_complete() -> None:
    assert not list(open_matches())


def open_matches() -> Found:
    """Without `assert_never` mypy would take a match that falls through."""
    for module, node in nodes():
        if isinstance(node, ast.Match):
            values = [
                part.value
                for case in node.cases
                for part in ast.walk(case.pattern)
                if isinstance(part, ast.MatchValue)
            ]
            if any(member(value, module) for value in values):
                last = node.cases[-1].body[0]
                if not ast.unparse(last).startswith("assert_never("):
                    yield f"{place(module, node)}: match {ast.unparse(node.subject)} does not end in assert_never"


def test_members_together_are_a_question_with_a_name() -> None:
    """`state in (A, B)` is silently wrong for a new member: a property of the enumeration asks it in a `match`."""
    assert not list(unnamed_sets())


def unnamed_sets() -> Found:
    for module, node in nodes():
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            asked = node.comparators[0]
        elif isinstance(node, ast.keyword) and (node.arg or "").endswith("__in"):
            asked = node.value
        else:
            continue
        if isinstance(asked, ast.Name):
            asked = constants(module).get(asked.id, asked)
        several = asked.elts if isinstance(asked, ast.Tuple | ast.List | ast.Set) else []
        if len(several) > 1 and rest(members(several, module)):
            yield f"{place(module, node)}: {ast.unparse(node)}"


def test_an_order_names_every_member() -> None:
    assert not list(incomplete_orders())


def incomplete_orders() -> Found:
    for module, node in nodes():
        if isinstance(node, ast.Attribute) and node.attr == "index" and isinstance(node.value, ast.Name):
            order = constants(module).get(node.value.id)
            if isinstance(order, ast.Tuple | ast.List) and rest(members(order.elts, module)):
                yield f"{place(module, node)}: {node.value.id} = {ast.unparse(order)}"


@cache
def constants(module: ModuleType) -> dict[str, ast.expr]:
    """What names stand for, in a module or in one of its functions."""
    return {
        node.targets[0].id: node.value
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def test_members_are_not_asked_for_one_after_the_other() -> None:
    """`if kind == A … if kind == B … return` is silently wrong for a new member: that is a `match`."""
    assert not list(chains())


def chains() -> Found:
    for module, function in nodes():
        if not isinstance(function, ast.FunctionDef):
            continue
        asked: dict[tuple[str, type[Enum]], set[Enum]] = {}
        for node in ast.walk(function):
            test = node.test if isinstance(node, ast.If | ast.IfExp) else None
            if isinstance(test, ast.Compare) and (one := member(test.comparators[0], module)):
                asked.setdefault((ast.unparse(test.left), type(one)), set()).add(one)
        for (subject, _enumeration), found in asked.items():
            if len(found) > 1:
                yield f"{place(module, function)}: {function.name} asks whether {subject} is {names(found)}"


@cache
def stored() -> dict[str, tuple[type[Enum], ...]]:
    """The enumerations of the models' fields, by the fields' names."""
    found: dict[str, tuple[type[Enum], ...]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if enumeration := getattr(field, "enumeration", None):
                found[field.name] = (*found.get(field.name, ()), enumeration)
    return found


def is_text_of(name: str, text: object) -> bool:
    """Whether a field of that name stores a member as this text."""
    return text != "" and any(
        text == one.value for enumeration in stored().get(name, ()) for one in enumeration
    )


def test_no_member_is_written_as_a_bare_text() -> None:
    assert not list(bare_texts())


def bare_texts() -> Found:
    for module, node in nodes():
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            fields = [
                side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", "") for side in sides
            ]
            texts = [
                part.value for side in sides for part in ast.walk(side) if isinstance(part, ast.Constant)
            ]
        elif isinstance(node, ast.keyword) and node.arg and isinstance(node.value, ast.Constant):
            fields, texts = [node.arg.removesuffix("__in").rpartition("__")[2]], [node.value.value]
        else:
            continue
        if any(is_text_of(field, text) for field in fields for text in texts):
            yield f"{place(module, node)}: {ast.unparse(node)}"


def test_no_template_compares_a_member_with_a_text() -> None:
    assert not list(texts_in_templates())


def texts_in_templates() -> Found:
    values = {str(one.value) for enumeration in enumerations() for one in enumeration}
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for name, text in re.findall(r"([\w.]+) [!=]= [\"']([\w-]+)[\"']", file.read_text()):
            # Fields, charts and messages have names of their own, which no enumeration lists.
            if text in values and name.rpartition(".")[2] not in ("name", "key", "level_tag"):
                yield f"{file.relative_to(ROOT)}: {name} and “{text}”"


# --- every member, through all that answers for one ---------------------------------------------


each_enumeration = pytest.mark.parametrize("enumeration", enumerations(), ids=name_of)


@each_enumeration
@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_enumeration_answers_for_every_member(enumeration: type[Enum], language: str) -> None:
    questions = [name for name, value in vars(enumeration).items() if isinstance(value, property)]
    with translation.override(language):
        for one in enumeration:
            for question in questions:
                getattr(one, question)
            if isinstance(one, models.Choices):
                assert str(one.label), one


@each_enumeration
def test_every_label_is_another_one(enumeration: type[Enum]) -> None:
    if issubclass(enumeration, models.Choices):
        for language in ("ja", "en"):
            with translation.override(language):
                labels = [str(label) for label in enumeration.labels]
                assert len(set(labels)) == len(labels)


def functions_of_a_member() -> list[Any]:
    """The functions that need a member and nothing else: words, chips, tables, steps."""
    found = []
    for module in modules():
        for function in vars(module).values():
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                needed = [
                    one
                    for one in inspect.signature(function).parameters.values()
                    if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
                ]
                if len(needed) == 1 and needed[0].kind is not needed[0].KEYWORD_ONLY:
                    hint = needed[0].annotation
                    if isinstance(hint, type) and issubclass(hint, Enum):
                        found.append(
                            pytest.param(function, hint, id=f"{module.__name__}.{function.__name__}")
                        )
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("function", "enumeration"), functions_of_a_member())
def test_a_function_answers_for_every_member(function: Any, enumeration: type[Enum], language: str) -> None:
    with translation.override(language):
        for one in enumeration:
            assert function(one) is not None, one


def test_fields_offer_every_member() -> None:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if enumeration := getattr(field, "enumeration", None):
                offered = {value for value, _label in field.flatchoices if value}
                assert offered == {one.value for one in enumeration if one.value}, field


def test_the_database_knows_every_member() -> None:
    """A constraint of the model names exactly the members; the migration that follows is asked for by another test."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if enumeration := getattr(field, "enumeration", None):
                known = [
                    {
                        value
                        for lookup, value in leaves(constraint.condition)
                        if lookup == field.name and value
                    }
                    for constraint in model._meta.constraints
                    if isinstance(constraint, models.CheckConstraint)
                ]
                assert {one.value for one in enumeration if one.value} in known, field


def leaves(condition: Any) -> Iterator[tuple[str, Any]]:
    """The fields that a condition names, with each value that it names for them."""
    for child in condition.children:
        if not isinstance(child, tuple):
            yield from leaves(child)
        elif child[0].endswith("__in"):
            yield from ((child[0].removesuffix("__in"), value) for value in child[1])
        else:
            yield child


def test_every_role_stands_in_the_table_of_rights() -> None:
    """With a column for each side, or with one for both."""
    named = [
        (side, role) for column, role in access._COLUMNS for side in ([column] if column else list(Side))
    ]
    assert sorted(named) == sorted((side, role) for side in Side for role in Role)
    assert set(access._TABLE) == set(access.Right)
    assert all(len(cells) == len(access._COLUMNS) for cells in access._TABLE.values())
