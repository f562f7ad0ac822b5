"""Which functions write rows, and whether a history row is left in the same transaction: read from the source.

A function, and every block `with transaction.atomic()`, is a unit. Who calls whom is known by name:

- a function through the imports, a method through a variable that is seen to hold its class;
- otherwise a method by its name alone, unless Django or Python have methods of that name;
- a function that is handed over, as if it were called there; and where a class has a field for it (`Step(first=…)`, or with
  a function around it: `Step(moves=moving(…))`), as if it were called by that class's module, too (`step.first(…)`).

A unit answers for the writes in it, its own and those of what it calls, if `history.record` is reached from it in the same
transaction: for a unit that opens one, by any way; for another, by ways that open none, since `record` refuses to run outside
a transaction and so the caller's holds both. A write is forgotten that can be reached past every unit that answers.

It does not see that a function records something else than what it writes, or only on one of its branches: for that, each
action has tests of its own.
"""

import ast
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.forms import ModelForm

RECORD = "iconm_portal.history.history.record"
ORM_WRITES = set(
    "save create bulk_create bulk_update update delete get_or_create update_or_create insert_all".split()
)
ORM_WRITES |= {f"a{name}" for name in ORM_WRITES} | {"_raw_delete", "save_base"}
SQL_WRITES = set("execute executemany executescript copy_expert copy_from raw".split())
"""What hands the database a statement in its own words: whoever only asks in that way says so (NEED_NO_ROW)."""
MANY_TO_MANY_WRITES = {"add", "set", "remove", "clear"}
EVERYBODYS = {
    name
    for known in (
        models.QuerySet,
        models.Manager,
        models.Model,
        ModelForm,
        dict,
        list,
        set,
        str,
        io.BytesIO,
        datetime,
    )
    for name in dir(known)
}
"""Names of methods that say nothing about whose they are."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Unit:
    """A function, or a block that is one transaction ("kpi.reports.actions.submit:120")."""

    name: str
    opens_transaction: bool
    records: bool = False
    writes: set[str] = field(default_factory=set)  # "kpi.reports.actions:124 rows.update"
    calls: set[str] = field(default_factory=set)

    @property
    def function(self) -> str:
        return self.name.split(":")[0]


@dataclass
class Module:
    name: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)  # "save", "Kind.apply"
    fields: dict[str, set[str]] = field(default_factory=dict)  # of each class
    variables: dict[str, ast.expr] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {*self.functions, *self.fields, *self.variables}


class Source:
    """The units of some modules, which are given as dotted name and text."""

    def __init__(self, texts: Mapping[str, str], many_to_many: Iterable[str] = ()) -> None:
        self.many_to_many = set(many_to_many)
        self.modules = {name: _module(name, text) for name, text in texts.items()}
        self.methods: dict[str, set[str]] = defaultdict(set)
        self.handed_over: dict[str, set[str]] = defaultdict(set)  # as which keyword
        for module in self.modules.values():
            for function in module.functions:
                if "." in function:
                    self.methods[function.split(".")[-1]].add(f"{module.name}.{function}")
            for node in ast.walk(module.tree):
                if isinstance(node, ast.keyword) and node.arg:
                    wrapped = node.value.args if isinstance(node.value, ast.Call) else []
                    given = (self.function(module, one) for one in (node.value, *wrapped))
                    self.handed_over[node.arg] |= {function for function in given if function}
        self.units: dict[str, Unit] = {}
        for module in self.modules.values():
            for name, node in module.functions.items():
                unit = Unit(f"{module.name}.{name}", any(map(_is_atomic, node.decorator_list)))
                self.units[unit.name] = unit
                self._walk(module, unit, node.body, self._variables(module, name, node))

    # --- what a name means

    def meaning(self, module: Module, node: ast.expr) -> tuple[Module, str] | None:
        """What `save`, `actions.save` or `Kind.apply` is: a module, and the name of something in it."""
        if (dotted := _dotted(node)) is None:
            return None
        first, _, rest = dotted.partition(".")
        if first in module.imports:
            return self._imported(".".join(filter(None, [module.imports[first], rest])))
        return (module, dotted) if dotted in module.names else None

    def _imported(self, target: str, hops: int = 5) -> tuple[Module, str] | None:
        """As `meaning`, also where a package hands it on."""
        parts = target.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            if (module := self.modules.get(".".join(parts[:cut]))) is not None:
                if (name := ".".join(parts[cut:])) in module.names:
                    return module, name
                onward = module.imports.get(parts[cut])
                return (
                    self._imported(".".join([onward, *parts[cut + 1 :]]), hops - 1)
                    if onward and hops
                    else None
                )
        return None

    def function(self, module: Module, node: ast.expr) -> str | None:
        """The unit that an expression names; of a variable that a call has made, the function that was called for it."""
        if (found := self.meaning(module, node)) is None:
            return None
        of, name = found
        if name in of.functions:
            return f"{of.name}.{name}"
        match of.variables.get(name):
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if made := self.class_of(of, value):
                return (
                    f"{made[0].name}.{made[1]}.{method}"
                    if f"{made[1]}.{method}" in made[0].functions
                    else None
                )
            case ast.Call(func=made_by):
                return self.function(of, made_by)
        return None

    def class_of(self, module: Module, node: ast.expr | None) -> tuple[Module, str] | None:
        """The class that a call makes (`Kind(…)`), a variable of a module holds, or an annotation names."""
        match node:
            case ast.Call(func=ast.Name() | ast.Attribute() as made):
                node = made
            case ast.Subscript(value=generic):
                node = generic
        found = self.meaning(module, node) if node is not None else None
        if found is None or found[1] in found[0].fields:
            return found
        return self.class_of(found[0], found[0].variables.get(found[1]))

    def _variables(self, module: Module, name: str, node: Function) -> dict[str, tuple[Module, str]]:
        """The classes of arguments and of what is made in a function."""
        own_class = name.rpartition(".")[0]
        known: dict[str, tuple[Module, str] | None] = {"self": (module, own_class)} if own_class else {}
        for argument in (*node.args.args, *node.args.kwonlyargs):
            if argument.annotation is not None:
                known[argument.arg] = self.class_of(module, argument.annotation)
        for statement in ast.walk(node):
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        known[target.id] = self.class_of(module, statement.value)
        return {variable: found for variable, found in known.items() if found is not None}

    # --- what a unit does

    def _walk(
        self, module: Module, unit: Unit, body: Iterable[ast.AST], known: Mapping[str, tuple[Module, str]]
    ) -> None:
        for node in body:
            if isinstance(node, ast.With) and any(_is_atomic(item.context_expr) for item in node.items):
                block = Unit(f"{unit.function}:{node.lineno}", opens_transaction=True)
                self.units[block.name] = block
                unit.calls.add(block.name)
                self._walk(module, block, node.body, known)
                continue
            if isinstance(node, ast.Call):
                self._call(module, unit, node, known)
            self._walk(module, unit, ast.iter_child_nodes(node), known)

    def _call(
        self, module: Module, unit: Unit, call: ast.Call, known: Mapping[str, tuple[Module, str]]
    ) -> None:
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if handed := self.function(module, argument):
                unit.calls.add(handed)
        if called := self.function(module, call.func):
            unit.records |= called == RECORD
            unit.calls.add(called)
        elif isinstance(call.func, ast.Attribute):
            name, of = call.func.attr, call.func.value
            found = known.get(of.id) if isinstance(of, ast.Name) else None
            found = found or self.class_of(module, of)
            if found is not None and f"{found[1]}.{name}" in found[0].functions:
                unit.calls.add(f"{found[0].name}.{found[1]}.{name}")
            elif self._is_write(call, call.func):
                unit.writes.add(f"{module.name}:{call.lineno} {ast.unparse(call.func)}")
            elif name not in EVERYBODYS and not ast.unparse(of).startswith("super("):
                unit.calls |= self.methods[name] | self.handed_over[name]
            elif any(name in fields for fields in module.fields.values()):
                unit.calls |= self.handed_over[name]

    def _is_write(self, call: ast.Call, method: ast.Attribute) -> bool:
        match method.attr:
            case "update":  # a dict or a set is given another one
                return bool(call.keywords) and not call.args
            case "delete":
                return not call.args
            case name if name in MANY_TO_MANY_WRITES:
                return isinstance(method.value, ast.Attribute) and method.value.attr in self.many_to_many
            case name:
                return name in ORM_WRITES | SQL_WRITES


def forgotten(units: Mapping[str, Unit], excused: Iterable[str] = ()) -> dict[str, list[str]]:
    """The writes that leave no history row, each with a way to it from a function that nobody calls.

    Functions that are `excused` answer for what is written in them and by their calls.
    """
    calls = {
        name: [units[called] for called in unit.calls if called in units] for name, unit in units.items()
    }
    callers: dict[str, list[Unit]] = defaultdict(list)
    for name, called_units in calls.items():
        for called in called_units:
            if called.function != units[name].function or called.opens_transaction:
                callers[called.name].append(units[name])
    any_way = _recording(units, callers, lambda called: True)
    same_transaction = _recording(units, callers, lambda called: not called.opens_transaction)
    without_need = {RECORD, *excused}

    def answers(unit: Unit) -> bool:
        return unit.function in without_need or unit.name in (
            any_way if unit.opens_transaction else same_transaction
        )

    found: dict[str, list[str]] = {}
    for unit in units.values():
        if unit.writes and (way := _way_past(unit, callers, answers)):
            found |= dict.fromkeys(unit.writes, way)
    return found


def _recording(
    units: Mapping[str, Unit], callers: Mapping[str, list[Unit]], follows: Callable[[Unit], bool]
) -> set[str]:
    """Names of the units from which `record` is reached, by calls of units that may be followed."""
    waiting = [unit for unit in units.values() if unit.records]
    reached = {unit.name for unit in waiting}
    while waiting:
        called = waiting.pop()
        if follows(called):
            for unit in callers.get(called.name, ()):
                if unit.name not in reached:
                    reached.add(unit.name)
                    waiting.append(unit)
    return reached


def _way_past(unit: Unit, callers: Mapping[str, list[Unit]], answers: Callable[[Unit], bool]) -> list[str]:
    """The names from a unit that nobody calls down to this one, none of which answers; empty if there is no such way."""
    ways, seen = [[unit]] if not answers(unit) else [], {unit.name}
    while ways:
        way = ways.pop()
        above = callers.get(way[0].name, [])
        if not above:
            return [part.name for part in way]
        for caller in above:
            if caller.name not in seen:
                seen.add(caller.name)
                if not answers(caller):
                    ways.append([caller, *way])
    return []


def _module(name: str, text: str) -> Module:
    module = Module(name, ast.parse(text))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            module.imports |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
        elif isinstance(node, ast.Import):
            module.imports |= {alias.asname: alias.name for alias in node.names if alias.asname}
    _read_body(module, module.tree.body, "")
    return module


def _read_body(module: Module, body: Iterable[ast.stmt], within: str) -> None:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                module.functions[f"{within}{node.name}"] = node
            case ast.ClassDef():
                module.fields[f"{within}{node.name}"] = {
                    part.target.id
                    for part in node.body
                    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
                }
                _read_body(module, node.body, f"{within}{node.name}.")
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target, value in zip(targets, values, strict=True):
                    if isinstance(target, ast.Name):
                        module.variables[f"{within}{target.id}"] = value
            case ast.Assign(targets=[ast.Name(id=variable)], value=value):
                module.variables[f"{within}{variable}"] = value
            case ast.AnnAssign(target=ast.Name(id=variable), value=ast.expr() as value) if not within:
                module.variables[variable] = value


def _dotted(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            before = _dotted(value)
            return None if before is None else f"{before}.{attr}"
    return None


def _is_atomic(node: ast.expr) -> bool:
    dotted = _dotted(node.func if isinstance(node, ast.Call) else node)
    return dotted is not None and dotted.split(".")[-1] == "atomic"
