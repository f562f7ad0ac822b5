"""The guards that models of the agreements share, beside the constraints of the ground."""

from iconm_portal.history import database_triggers
from iconm_portal.models import ProposalState, ReviewState
from iconm_portal.values.constraints import PartialDateField, known, sourced, validate_partial_date

__all__ = [
    "PartialDateField",
    "append_only",
    "frozen_once",
    "known",
    "lines_locked",
    "sourced",
    "validate_partial_date",  # the first migration names it here
]


def append_only(model: str) -> database_triggers.Guard:
    """No row is changed or deleted."""
    return database_triggers.append_only(f"agreements.{model}")


def frozen_once(model: str, state: ReviewState | ProposalState) -> database_triggers.Guard:
    """No row is changed or deleted once it is in the state that settles it (`confirmed` or `accepted`)."""
    message = (
        "what both confirmed is frozen" if state is ProposalState.CONFIRMED else "what is settled is frozen"
    )
    return database_triggers.Guard(
        f"agreements_{model.lower()}_settled",
        f"agreements.{model}",
        ("UPDATE", "DELETE"),
        message,
        f"OLD.state = '{state}'",
    )


def lines_locked(model: str, key: str, table: str, state: str) -> list[database_triggers.Guard]:
    """No line of a settled row is added, changed or removed."""

    def settled(row: str) -> str:
        return f"EXISTS (SELECT 1 FROM {table} p WHERE p.id = {row}.{key} AND p.state = '{state}')"  # noqa: S608 - names of ours

    return [
        database_triggers.Guard(
            f"agreements_{model.lower()}_{event.lower()}",
            f"agreements.{model}",
            (event,),
            "the lines of what is settled are locked",
            " OR ".join(settled(row) for row in rows),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ]
