"""Every member of every enumeration is handled wherever behaviour depends on it.

Two halves. The code is read: a table keyed by members names all of them, a `match` over members ends in `assert_never`
(so that mypy holds it complete), a set of members is a question of the enumeration itself, and no member is compared as
a bare text. Then every member is walked through everything that answers for one: the properties of its enumeration, the
functions of words that take one, and the choices of forms.
"""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType

from django.apps import apps

PACKAGES = ("iconm_portal", "agreements", "finance", "kpi")
ROOT = Path(__file__).resolve().parent.parent


@cache
def modules() -> tuple[ModuleType, ...]:
    """All modules of the portal but migrations and what starts a server."""
    names = [
        found.name
        for package in PACKAGES
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if ".migrations" not in found.name and not found.name.endswith((".wsgi", ".__main__"))
    ]
    return tuple(importlib.import_module(name) for name in names)


@cache
def enumerations() -> tuple[type[Enum], ...]:
    found = {
        one
        for module in modules()
        for one in vars(module).values()
        if isinstance(one, type)
        and issubclass(one, Enum)
        and one.__module__.split(".")[0] in PACKAGES
        and len(one)
    }
    return tuple(sorted(found, key=lambda one: (one.__module__, one.__qualname__)))


@cache
def trees() -> tuple[tuple[ModuleType, ast.Module], ...]:
    return tuple((module, ast.parse(Path(str(module.__file__)).read_text())) for module in modules())


def member(node: ast.expr, module: ModuleType) -> Enum | None:
    """The member that an expression such as `Kind.FLOW` or `models.Kind.FLOW` names."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or not names:
        return None
    found: object = vars(module).get(node.id)
    for name in reversed(names):
        found = getattr(found, name, None)
    return found if isinstance(found, Enum) else None


def members(nodes: list[ast.expr], module: ModuleType) -> list[Enum]:
    """The members that the expressions name, if they name nothing but members of one enumeration."""
    found = [member(node, module) for node in nodes]
    if not found or None in found or len({type(one) for one in found}) != 1:
        return []
    return [one for one in found if one is not None]


def place(module: ModuleType, node: ast.AST) -> str:
    return f"{module.__name__}:{getattr(node, 'lineno', 0)}"


def names(found: set[Enum]) -> str:
    return ", ".join(sorted(str(one.name) for one in found))


def inside_enumerations(tree: ast.Module, module: ModuleType) -> set[ast.AST]:
    """Everything in the body of an enumeration."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and vars(module).get(node.name) in enumerations()
        for inner in ast.walk(node)
    }


def incomplete_tables() -> Iterator[str]:
    for module, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                found = members([key for key in node.keys if key], module)
                if found and set(found) != set(type(found[0])):
                    yield f"{place(module, node)}: the table lacks {names(set(type(found[0])) - set(found))}"


def open_matches() -> Iterator[str]:
    for module, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Match):
                continue
            over = [
                member(value.value, module)
                for case in node.cases
                for value in ast.walk(case.pattern)
                if isinstance(value, ast.MatchValue)
            ]
            if not any(over):
                continue
            last = node.cases[-1]
            if "assert_never" not in ast.unparse(last.body[0]):
                yield f"{place(module, node)}: match {ast.unparse(node.subject)} does not end in assert_never"


def unnamed_sets() -> Iterator[str]:
    """Tuples, lists and sets of several members, but not of all: they are a question that has a name."""
    for module, tree in trees():
        in_patterns: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Tuple | ast.List | ast.Set) and len(node.elts) > 1:
                found = members(node.elts, module)
                if found and set(found) != set(type(found[0])):
                    yield f"{place(module, node)}: {ast.unparse(node)}"
        del in_patterns


def chains() -> Iterator[str]:
    """Functions that compare with several members of one enumeration."""
    for module, tree in trees():
        inside = inside_enumerations(tree, module)
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef) or function in inside:
                continue
            compared: dict[type[Enum], set[Enum]] = {}
            for node in ast.walk(function):
                if isinstance(node, ast.Compare):
                    for side in [node.left, *node.comparators]:
                        one = member(side, module)
                        if one is not None:
                            compared.setdefault(type(one), set()).add(one)
            for found in compared.values():
                if len(found) > 1:
                    yield f"{place(module, function)}: {function.name} compares with {names(found)}"


def single() -> Iterator[str]:
    for module, tree in trees():
        inside = inside_enumerations(tree, module)
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and node not in inside:
                for side in [node.left, *node.comparators]:
                    one = member(side, module)
                    if one is not None:
                        yield f"{type(one).__module__}.{one}: {place(module, node)} {ast.unparse(node)}"


@cache
def enumerated_fields() -> dict[str, set[str]]:
    """The names of stored enumerations, and all texts that stand behind them."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            enumeration = getattr(field, "enumeration", None)
            if enumeration:
                found.setdefault(field.name, set()).update(str(one.value) for one in enumeration)
    return found


def bare_texts() -> Iterator[str]:
    fields = enumerated_fields()
    for module, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                named = {
                    side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", "")
                    for side in sides
                }
                texts = {
                    inner.value
                    for side in sides
                    for inner in (side.elts if isinstance(side, ast.Tuple | ast.Set | ast.List) else [side])
                    if isinstance(inner, ast.Constant)
                }
                if any(texts & fields.get(name, set()) for name in named):
                    yield f"{place(module, node)}: {ast.unparse(node)}"
            if isinstance(node, ast.keyword) and node.arg and isinstance(node.value, ast.Constant):
                name = node.arg.split("__in")[0].split("__")[-1]
                if node.value.value in fields.get(name, set()):
                    yield f"{place(module, node.value)}: {ast.unparse(node)}"


def test_all():
    for f in (incomplete_tables, open_matches, unnamed_sets, chains, bare_texts, single):
        print("##", f.__name__, len(list(f())))
        print("\n".join(f()))
    print(len(enumerations()))
