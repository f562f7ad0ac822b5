"""Each guard is broken in every way there is past the portal's actions, on what a center has settled: refused.

What depends on how a row is changed, and not only on the row, is tried in `test_ways_are_refused.py`.
"""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from iconm_portal.history import guards
from iconm_portal.history.guards import Guard
from iconm_portal.models import Center
from tests.iconm_portal.history import attacks
from tests.iconm_portal.history.attacks import Row, Statement

APPS = ["portal", "agreements", "finance", "kpi"]
MESSAGES = {guard.message for guard in guards.declared()}

# Refuse a change for what it makes of the row; each has a test of its own.
BY_WHAT_IS_WRITTEN = {
    "agreements_duty_first_date",
    "agreements_obligation_years",
    "agreements_party_concluded",
    "finance_account_meaning",
    "finance_account_no_sum_over_lines",
    "finance_account_years",
    "finance_monthtotal_is_the_sum",
    "finance_yearclosing_by_supporter",
    "kpi_goal_corrected",
    "kpi_indicator_corrected",
    "kpi_indicatorbasis_given_up",
    "kpi_pack_way",
    "kpi_publication_switched",
    "kpi_record_corrected",
    "tableimport_undone",
    "tableimport_way",
    *(guard.name for guard in guards.declared() if guard.name.endswith("_way")),
}


def of_app(app: str) -> list[Guard]:
    return [guard for guard in guards.declared() if guard.model.startswith(f"{app}.") and guard.keeps_rows]


def tries(guard: Guard, row: Row) -> Iterable[tuple[str, Statement]]:
    if "UPDATE" in guard.events:
        yield from attacks.changes(row, guard)
    if "DELETE" in guard.events:
        yield from attacks.deletions(row)


@pytest.mark.parametrize("app", APPS)
def test_what_is_kept_is_neither_changed_nor_deleted(app: str, world: Center) -> None:
    for guard in of_app(app):
        if guard.name in BY_WHAT_IS_WRITTEN:
            continue
        kept = attacks.kept_by(guard)
        assert kept, f"{guard.name}: nothing in this world is kept by it"
        said = set()
        for row in kept:
            for way, statement in tries(guard, row):
                message = attacks.refused_by(statement)
                assert message, f"{guard.name}: {way}"
                said.add(message)
        assert any(guard.message in message for message in said), f"{guard.name} never spoke: {said}"


@pytest.mark.parametrize("app", APPS)
def test_what_stays_open_can_be_changed(app: str, world: Center) -> None:
    tried = 0
    for guard in of_app(app):
        for name in guard.stays_open:
            field = apps.get_model(guard.model)._meta.get_field(name)
            said = [
                attacks.refused_by(row.update(field.column, attacks.other(row.values[field.column], field)))
                for row in attacks.kept_by(guard)
            ]
            open_ones = [message for message in said if not any(known in message for known in MESSAGES)]
            assert open_ones, f"{guard.name}: {name}: {said}"
            tried += 1
    assert tried or app in ("portal", "finance")


@pytest.mark.parametrize("app", APPS)
def test_querysets_are_refused_too(app: str, world: Center) -> None:
    """update(), bulk_update() and bulk_create() with update_conflicts, on the first column that each guard keeps."""
    for guard in of_app(app):
        if guard.name in BY_WHAT_IS_WRITTEN or "UPDATE" not in guard.events:
            continue
        model = apps.get_model(guard.model)
        (row, *_more) = attacks.kept_by(guard)
        field = attacks.columns_kept(guard)[0]
        found = model._base_manager.get(pk=row.values[row.pk])
        value = attacks.other_in_python(getattr(found, field.attname), field)
        setattr(found, field.attname, value)

        def update(model=model, found=found, field=field, value=value) -> object:  # type: ignore[no-untyped-def]
            return model._base_manager.filter(pk=found.pk).update(**{field.attname: value})

        def bulk_update(model=model, found=found, field=field) -> object:  # type: ignore[no-untyped-def]
            return model._base_manager.bulk_update([found], [field.name])

        def upsert(model=model, found=found, field=field) -> object:  # type: ignore[no-untyped-def]
            return model._base_manager.bulk_create(
                [found],
                update_conflicts=True,
                unique_fields=[model._meta.pk.name],
                update_fields=[field.name],
            )

        for attack in (update, bulk_update, upsert):
            with pytest.raises(DatabaseError), transaction.atomic():
                attack()


def test_no_guarded_table_is_truncated(world: Center) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite has no TRUNCATE
    for model in sorted({guard.model for guard in guards.declared() if guard.keeps_rows}):
        table = apps.get_model(model)._meta.db_table
        message = attacks.refused_by((f"TRUNCATE {table} CASCADE", []))
        assert any(known in message for known in MESSAGES), f"{model}: {message}"
