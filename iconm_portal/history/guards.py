"""What the databases themselves refuse, as each app declares it beside its models, and the tables that need no guard.

`database_triggers.py` makes triggers of them. A guard's condition is SQL that both databases understand.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

_registry: dict[str, "Guard"] = {}
_free: dict[str, str] = {}


@dataclass(frozen=True)
class Guard:
    """A refusal: on any of `events` to rows of `model` for which `when` holds.

    `when` is SQL over OLD and NEW; empty means always. `columns` and `stays_open` are about UPDATE: it is refused only
    where one of the columns changes, or one that is not among those that stay open; these say why. A guard on UPDATE or
    DELETE also refuses PostgreSQL's TRUNCATE, and SQLite's REPLACE, which deletes what is in its way without a word.
    """

    name: str
    model: str  # "kpi.Report"
    events: tuple[str, ...]  # of INSERT, UPDATE, DELETE
    message: str  # English, for the log: users meet the rule before the database has to
    when: str = ""
    columns: tuple[str, ...] = ()
    stays_open: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def table(self) -> str:
        return apps.get_model(self.model)._meta.db_table

    @property
    def keeps_rows(self) -> bool:
        """Whether it is about rows that are there already, and not only about new ones."""
        return "UPDATE" in self.events or "DELETE" in self.events

    def trigger_names(self, vendor: str) -> list[str]:
        names = [f"guard_{self.name}_{event.lower()}" for event in self.events]
        if self.keeps_rows:
            further = ("truncate",) if vendor == "postgresql" else ("replace", "displace")
            names += [f"guard_{self.name}_{word}" for word in further]
        return names

    def condition(self, event: str) -> str:
        """When the event is refused, over OLD and NEW; empty where always."""
        parts = [self._changed()] if event == "UPDATE" and (self.columns or self.stays_open) else []
        if self.when:
            parts.append(self.when)
        return " AND ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)

    def _changed(self) -> str:
        fields = apps.get_model(self.model)._meta.concrete_fields
        kept = [
            one.column
            for one in fields
            if (one.name in self.columns if self.columns else one.name not in self.stays_open)
        ]
        return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept)

    def taken(self, connection: BaseDatabaseWrapper, *, apart_from_old: bool) -> str:
        """When a row that the guard keeps has a key of NEW's, so that REPLACE would delete it. For SQLite.

        What a REPLACE makes of a row is a change of it too: it may not say otherwise in a column that stays.
        """
        table, pk = self.table, apps.get_model(self.model)._meta.pk.column
        kept = re.sub(r"\bOLD\.", "taken.", self.condition("DELETE" if "DELETE" in self.events else "UPDATE"))
        another = f"taken.{pk} <> OLD.{pk} AND " if apart_from_old else ""
        return " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} AS taken WHERE {another}{key}{f' AND ({kept})' if kept else ''})"  # noqa: S608 - names of ours
            for key in _same_keys(apps.get_model(self.model), connection)
        )


def _same_keys(model: type[models.Model], connection: BaseDatabaseWrapper) -> list[str]:
    """For each key of the model, primary or unique: that a row `taken` has it, as NEW has."""

    meta = model._meta
    column = {one.name: one.column for one in meta.concrete_fields}

    def same(names: Iterable[str]) -> str:
        return " AND ".join(f"taken.{column[name]} = NEW.{column[name]}" for name in names)

    found = [same([one.name]) for one in meta.concrete_fields if one.primary_key or one.unique]
    found += [same(names) for names in meta.unique_together]
    for rule in meta.constraints:
        if not isinstance(rule, models.UniqueConstraint):
            continue
        key = same(rule.fields)
        # Of a unique index over a part of the rows: both are in that part.
        where = rule._get_condition_sql(model, connection.schema_editor())  # type: ignore[attr-defined]  # Django's own
        found.append(f"{key} AND {_of('taken', where)} AND {_of('NEW', where)}" if where else key)
    return found


def _of(row: str, condition: str) -> str:
    """A condition over quoted columns, as one over a row's."""
    return "(" + re.sub(r'"(\w+)"', rf"{row}.\1", condition) + ")"


def declare(*guards: Guard) -> None:
    """Add guards to the registry; a name is declared once."""
    for guard in guards:
        if guard.name in _registry:
            raise ValueError(f"guard {guard.name} is declared twice")
        _registry[guard.name] = guard


def declare_free(reason: str, *names: str) -> None:
    """Say of tables ("portal.Job") why no guard stands on them. A test finds the table of which nothing is said."""
    for name in names:
        _free[name] = reason


def declared() -> list[Guard]:
    """All guards, in order of name."""
    return sorted(_registry.values(), key=lambda guard: guard.name)


def free() -> Mapping[str, str]:
    """The tables without a guard, by label, with the reason."""
    return dict(_free)


def frozen(
    name: str, model: str, message: str, when: str = "", *, stays_open: Mapping[str, str] | None = None
) -> Guard:
    """No row for which `when` holds (over OLD) is deleted, or changed but in what stays open."""
    return Guard(name, model, ("UPDATE", "DELETE"), message, when, stays_open=stays_open or {})


def refused(error: Exception) -> bool:
    """Whether a guard said it; the database hands its message on."""
    said = str(error)
    return any(guard.message in said for guard in _registry.values())


def append_only(model: str) -> Guard:
    """No row of the model ("finance.Entry") is ever changed or deleted."""
    app, name = model.lower().split(".")
    return Guard(f"{app}_{name}", model, ("UPDATE", "DELETE"), f"{name} is append-only")
