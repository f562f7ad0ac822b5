"""The ways to what is settled, as the databases hold them: which state follows on which, and who stands behind it.

The steps themselves are tables (`iconm_portal/settlement/`); a test holds these guards against every one of them. The
conditions are SQL over OLD and NEW. What they cannot know is who holds the pen: the person named must exist and belong,
that day, to the organisation of the side whose step it is.
"""

from collections.abc import Mapping

from iconm_portal.history.guards import Guard

OF_SUPPORTER, OF_OPERATOR = "c.supporter_id", "c.operator_id"
EITHER_SIDE = "c.supporter_id, c.operator_id"


def other_than(column: str) -> str:
    """The organisation of the side that is not the one in this column; of either where it names none."""
    return (
        f"CASE {column} WHEN 'supporter' THEN c.operator_id ELSE c.supporter_id END,"
        f" CASE {column} WHEN 'operator' THEN c.supporter_id ELSE c.operator_id END"
    )


def side(column: str) -> str:
    """The organisation of the side in this column."""
    return f"CASE {column} WHEN 'supporter' THEN c.supporter_id WHEN 'operator' THEN c.operator_id END"


def belongs_to(person: str, organisations: str, center: str) -> str:
    """The person works for one of these organisations of the center."""
    return (
        "EXISTS (SELECT 1 FROM portal_user u, portal_center c"
        f" WHERE u.id = {person} AND c.id = {center} AND u.organisation_id IN ({organisations}))"
    )


def unless(*allowed: str) -> str:
    """None of these holds; what is not known does not hold either."""
    return f"CASE WHEN ({') OR ('.join(allowed)}) THEN FALSE ELSE TRUE END"


def written_by(
    model: str, organisations: str, *, center: str = "NEW.center_id", or_document: bool = False
) -> Guard:
    """A row that settles something by itself is recorded by somebody of these organisations, or comes from a document."""
    document = ["NEW.source <> '' AND NEW.recorded_by_id IS NULL"] if or_document else []
    return Guard(
        f"{_of(model)}_written",
        model,
        ("INSERT",),
        "it is recorded by somebody whose side does so",
        unless(*document, belongs_to("NEW.recorded_by_id", organisations, center)),
    )


def _of(model: str) -> str:
    return model.lower().replace(".", "_")


def _deletion(model: str, states: str, what: str) -> Guard:
    return Guard(
        f"{_of(model)}_discarded", model, ("DELETE",), what, f"OLD.state NOT IN ({states})" if states else ""
    )


def review_way(
    model: str,
    *,
    center: str,
    submitter: str = EITHER_SIDE,
    acceptor: str = EITHER_SIDE,
    content: tuple[str, ...],
    further: Mapping[str, str] | None = None,
    discarded_from: str = "'draft'",
) -> list[Guard]:
    """Of what is reviewed: draft → submitted → in review → accepted or returned → …

    `center`: SQL for its center. `submitter`, `acceptor`: the organisations whose people hand it in and accept it.
    `content`: the columns of its head that are locked while it is under review. `further`: other ways into "accepted"
    than by the answer to what was handed in, each as SQL, with a name for the reader.
    """
    name = _of(model)
    document = (
        "OLD.state = 'draft' AND NEW.state = 'accepted' AND OLD.source <> '' AND OLD.saved_by_id IS NULL"
        " AND OLD.submitted_by_id IS NULL AND NEW.accepted_by_id IS NULL"
    )
    handed_in = (
        "OLD.state IN ('draft', 'returned') AND NEW.state = 'submitted' AND NEW.version > OLD.version"
        f" AND NEW.opened_at IS NULL AND {belongs_to('NEW.submitted_by_id', submitter, center)}"
    )
    taken_back = (
        "OLD.state = 'submitted' AND OLD.opened_at IS NULL AND NEW.submitted_at IS NULL AND NEW.version > OLD.version"
        " AND NEW.state = CASE WHEN OLD.returned_at IS NULL THEN 'draft' ELSE 'returned' END"
    )
    opened = (
        "OLD.state = 'submitted' AND NEW.state = 'in_review' AND NEW.version > OLD.version"
        " AND NEW.submitted_by_id = OLD.submitted_by_id AND NEW.opened_by_id IS NOT NULL"
    )
    returned = (
        "OLD.state = 'in_review' AND NEW.state = 'returned' AND NEW.returned_by_id IS NOT NULL"
        " AND NEW.submitted_at IS NULL AND NEW.version > OLD.version"
    )
    accepted = (
        "OLD.state = 'in_review' AND NEW.state = 'accepted' AND NEW.version > OLD.version"
        " AND NEW.submitted_by_id = OLD.submitted_by_id AND NEW.accepted_by_id <> OLD.submitted_by_id"
        f" AND {belongs_to('NEW.accepted_by_id', acceptor, center)}"
    )
    return [
        Guard(
            f"{name}_begun",
            model,
            ("INSERT",),
            "what is reviewed begins as a draft",
            unless("NEW.state = 'draft'"),
        ),
        Guard(
            f"{name}_way",
            model,
            ("UPDATE",),
            "no step leads from this state to that one",
            unless(
                "NEW.state = OLD.state",
                handed_in,
                taken_back,
                opened,
                returned,
                accepted,
                document,
                *(further or {}).values(),
            ),
        ),
        Guard(
            f"{name}_under_review",
            model,
            ("UPDATE",),
            "what is under review stays as it was handed in",
            "OLD.state IN ('submitted', 'in_review')",
            columns=content,
        ),
        Guard(
            f"{name}_signed",
            model,
            ("UPDATE",),
            "who handed it in, opened or returned it stays until the next step",
            "OLD.state = NEW.state AND NEW.state IN ('submitted', 'in_review', 'returned')",
            columns=(
                *("submitted_at", "submitted_by", "opened_at", "opened_by"),
                *("returned_at", "returned_by", "accepted_at", "accepted_by", "known_from"),
            ),
        ),
        Guard(
            f"{name}_origin",
            model,
            ("UPDATE",),
            "where something comes from is said when it is begun",
            columns=("source", "recorded_at"),
        ),
        _deletion(model, discarded_from, "only a draft can be discarded"),
    ]


def proposal_way(
    model: str,
    *,
    center: str,
    content: tuple[str, ...] = (),
    further: Mapping[str, str] | None = None,
    begun: Mapping[str, str] | None = None,
    discarded_from: str = "'draft'",
) -> list[Guard]:
    """Of what is settled jointly: draft → proposed → confirmed or declined → …

    `content`: columns that are locked while the other side looks at it, but for a proposal that is made anew. `further`,
    `begun`: other ways into "confirmed", of a row and with a new one, each as SQL, with a name for the reader.
    """
    name = _of(model)
    proposes = (
        "NEW.proposed_at IS NOT NULL AND NEW.confirmed_by_id IS NULL AND NEW.proposed_side <> '' AND "
        + belongs_to(
            "NEW.proposed_by_id",
            side("NEW.proposed_side"),
            center,
        )
    )
    proposed = (
        "OLD.state IN ('draft', 'declined') AND NEW.state = 'proposed' AND NEW.version > OLD.version"
        f" AND NEW.declined_at IS NULL AND {proposes}"
    )
    taken_back = "OLD.state = 'proposed' AND NEW.state = 'draft' AND NEW.proposed_by_id IS NULL AND NEW.version > OLD.version"
    declined = (
        "OLD.state = 'proposed' AND NEW.state = 'declined' AND NEW.declined_by_id IS NOT NULL"
        " AND NEW.version > OLD.version"
    )
    confirmed = (
        "OLD.state = 'proposed' AND NEW.state = 'confirmed' AND NEW.version > OLD.version"
        " AND NEW.proposed_by_id = OLD.proposed_by_id AND NEW.proposed_side = OLD.proposed_side"
        " AND NEW.confirmed_by_id <> OLD.proposed_by_id"
        f" AND {belongs_to('NEW.confirmed_by_id', other_than('OLD.proposed_side'), center)}"
    )
    document = (
        "OLD.state = 'draft' AND NEW.state = 'confirmed' AND OLD.source <> '' AND OLD.proposed_by_id IS NULL"
        " AND NEW.confirmed_by_id IS NULL"
    )
    guards = [
        Guard(
            f"{name}_begun",
            model,
            ("INSERT",),
            "what both settle begins with one side, or with a document",
            unless(
                "NEW.state = 'draft'",
                f"NEW.state = 'proposed' AND {proposes}",
                "NEW.state = 'confirmed' AND NEW.source <> '' AND NEW.confirmed_by_id IS NULL"
                " AND NEW.proposed_by_id IS NULL",
                *(begun or {}).values(),
            ),
        ),
        Guard(
            f"{name}_way",
            model,
            ("UPDATE",),
            "no step leads from this state to that one",
            unless(
                "NEW.state = OLD.state",
                proposed,
                taken_back,
                declined,
                confirmed,
                document,
                *(further or {}).values(),
            ),
        ),
        Guard(
            f"{name}_origin",
            model,
            ("UPDATE",),
            "where something comes from is said when it is begun",
            "NEW.state <> 'confirmed'",
            columns=("source", "recorded_at"),
        ),
        Guard(
            f"{name}_signed",
            model,
            ("UPDATE",),
            "who put it forward or declined it stays until the next step",
            "OLD.state = NEW.state AND NEW.state IN ('proposed', 'declined')",
            columns=(
                *(
                    "proposed_at",
                    "proposed_by",
                    "proposed_side",
                    "declined_at",
                    "declined_by",
                    "decline_reason",
                ),
                *("confirmed_at", "confirmed_by", "known_from"),
            ),
        ),
        _deletion(model, discarded_from, "what was put forward or answered is kept"),
    ]
    if content:
        guards.append(
            Guard(
                f"{name}_before_both",
                model,
                ("UPDATE",),
                "what lies before the other side stays as it was put forward",
                "OLD.state = 'proposed' AND OLD.proposed_at IS NOT DISTINCT FROM NEW.proposed_at"
                " AND NEW.state <> 'draft'",
                columns=content,
            )
        )
    return guards
