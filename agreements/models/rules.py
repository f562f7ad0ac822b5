"""The guards that models of the agreements share, beside the constraints of the ground."""

from iconm_portal.history import guards
from iconm_portal.models import ProposalState, ReviewState
from iconm_portal.values.constraints import PartialDateField, known, sourced, validate_partial_date

__all__ = [
    "BEFORE_BOTH",
    "PartialDateField",
    "append_only",
    "entered_by",
    "frozen_once",
    "known",
    "lines_locked",
    "sourced",
    "validate_partial_date",  # the first migration names it here
]

BEFORE_BOTH = (ProposalState.PROPOSED, ProposalState.CONFIRMED)
"""What one side put forward stays as the other reads it, until it is withdrawn or declined."""


def append_only(model: str) -> guards.Guard:
    """No row is changed or deleted."""
    return guards.append_only(f"agreements.{model}")


def frozen_once(model: str, state: ReviewState | ProposalState) -> guards.Guard:
    """No row is changed or deleted once it is in the state that settles it (`confirmed` or `accepted`)."""
    message = (
        "what both confirmed is frozen" if state is ProposalState.CONFIRMED else "what is settled is frozen"
    )
    return guards.Guard(
        f"agreements_{model.lower()}_settled",
        f"agreements.{model}",
        ("UPDATE", "DELETE"),
        message,
        f"OLD.state = '{state}'",
    )


def lines_locked(
    model: str, key: str, table: str, *states: ReviewState | ProposalState
) -> list[guards.Guard]:
    """No line of a row in one of these states is added, changed or removed."""
    names = ", ".join(f"'{state}'" for state in states)

    def settled(row: str) -> str:
        return f"EXISTS (SELECT 1 FROM {table} p WHERE p.id = {row}.{key} AND p.state IN ({names}))"

    return [
        guards.Guard(
            f"agreements_{model.lower()}_{event.lower()}",
            f"agreements.{model}",
            (event,),
            "the lines of what lies before both, or is settled, are locked",
            " OR ".join(settled(row) for row in rows),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ]


def concluded_with(row: str) -> str:
    """SQL: whether the row stood under its agreement when the conclusion, which both confirmed, was recorded.

    As `agreements/pages/master/rows.py` says it to people: what came with a source stood there.
    """
    conclusion = (
        f"FROM agreements_conclusion c WHERE c.agreement_id = {row}.agreement_id AND c.edition_id IS NULL"
    )
    return (
        f"EXISTS (SELECT 1 {conclusion} AND c.state = 'confirmed') AND ({row}.recorded_at IS NULL"
        f" OR {row}.recorded_at <= (SELECT MIN(c.recorded_at) {conclusion} AND c.state <> 'declined'))"
    )


def printed(model: str, *, is_ordered: bool = True, is_entered: bool = False) -> guards.Guard:
    """What a document says is not changed or deleted: it would say something else than the document. Its order may be.

    `is_entered`: people enter such rows too, with the source that they name; theirs are corrected.
    """
    return guards.frozen(
        f"agreements_{model.lower()}_printed",
        f"agreements.{model}",
        "what a document says stays as it is",
        "OLD.source <> ''" + (" AND OLD.recorded_at IS NULL" if is_entered else ""),
        stays_open={"position": "the order on pages and papers"} if is_ordered else {},
    )


def entered_by(model: str) -> guards.Guard:
    """Whose row it is, by which code, and who entered it when."""
    return guards.Guard(
        f"agreements_{model.lower()}_of",
        f"agreements.{model}",
        ("UPDATE",),
        "a row stays its center's, as it was entered",
        columns=("center", "code", "recorded_at", "recorded_by"),
    )
