"""The steps of what two parties settle: each kind of thing says them in one table, and they are taken here.

How to declare one. Next to the actions of a kind of thing stands its table:

    STEPS = StepTable(
        TargetProposal,
        named="proposal",                  # how its actions call it: take_back(proposal=…, version=…, by=…)
        code="target_proposal",            # its word in the history: target_proposal.take_back
        steps=(
            proposal_workflow.EDIT,
            replace(proposal_workflow.PROPOSE, check=_is_settled, says=gettext_lazy("The targets were put before …")),
            replace(proposal_workflow.CONFIRM, first=_revise_targets, says=gettext_lazy("The targets are settled …")),
            …
        ),
    )
    propose, confirm = STEPS.action("propose"), STEPS.action("confirm")

A row is a step of `proposal_workflow.py` or `review.py` with what is special about it here. They bring the states from
which it is taken, the side and the right that it needs, the form that is sent with it and what it does to the row
(`moves`). A table adds, where it is needed:

    check     before anything is written: what has to hold
    first     under the lock, before the state moves: what the settled row would refuse
    then      after it
    takes     what the action is given beside version, person and time
    applies   for which rows there is this step at all; `from_states` can be asked of the row too
    rests_on  what it settles, and what that rests on in the revisions that were seen (iconm_portal/standing)
    recorded  its word in the history, where it differs from the name; None leaves the history to whoever takes it
    says      what the person reads when it is done

The hooks get the `Taking`: they read what was given, add fields that are written with the step (`changes`) and what the
history keeps (`before`, `after`, `reason`, `consultation`), hand on what they made (`made`), and may set the `result`
that the action returns. Writing that is no step between the two, such as one provision of a draft, takes the lock with
`STEPS.take("edit", …)` and records itself with `STEPS.record`.

The frame does the rest, in this order, in one transaction: right, side, `check`, `first` (with the lock taken), the
UPDATE whose WHERE names version and state, `then`, what it rests on, and the row of the history. The addresses are
`step_views`' affair, the buttons `STEPS.possible(item, person)`. `tests/iconm_portal/settlement/test_settlement_tables.py`
tries each step of every table from each state, for each side and role, and with a stale version; a new table is named there
with a builder.

What is settled has a `center`, and the key of the consultation that the history names with it (`settled_in`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from inspect import Parameter, Signature
from typing import Any, Generic, Protocol, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, Role, Side, User
from iconm_portal.people.access import Right, allowed, permits, require
from iconm_portal.settlement import version_lock
from iconm_portal.standing import resting
from iconm_portal.values import clock

Item = TypeVar("Item")
BOTH = frozenset(Side)
REQUIRED = ...
"""What a step takes without a default."""


class StepForm(forms.Form):
    """What is sent with a step. The page shows it under the name that the step gives it."""

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "StepForm":
        """The form about an item, unbound or with what was sent."""
        return cls(data)

    def given(self) -> dict[str, Any]:
        """What the step takes from it; of a valid form."""
        return self.cleaned_data


class SentForm(Protocol):
    """What a step asks of a form; a sheet of many forms can be one too."""

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "SentForm": ...

    @property
    def errors(self) -> Any: ...

    def given(self) -> dict[str, Any]: ...


@dataclass
class Taking(Generic[Item]):
    """A step while it is taken: what it was asked with, and what its hooks add to the row and to the history."""

    item: Item
    version: int
    by: User
    side: Side
    given: Mapping[str, Any]
    moment: datetime | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    consultation: str = ""
    made: Any = None
    result: Any = None

    @property
    def at(self) -> datetime:
        """When it is taken: never before what was done with the item until now, whatever the server's clock says.

        TypeError where the caller did not say.
        """
        if self.moment is None:
            raise TypeError("this step is taken at a time: say at=…")
        return max([self.moment, *_moments_of(self.item)])

    @property
    def known_from(self) -> date:
        """From which day on everybody knows of it: the day in Japan on which it is settled."""
        return clock.day_of(self.at)

    @property
    def decision(self) -> Any:
        """The side's own internal decision that was given."""
        return self.given["decision"]


def _moments_of(item: Any) -> Iterator[datetime]:
    """When what was done with an item was done; not when it was typed (`recorded_at`), which may be years later."""
    for column in item._meta.concrete_fields:
        if isinstance(column, models.DateTimeField) and column.editable:
            moment = getattr(item, column.attname)
            if moment is not None:
                yield moment


@dataclass(frozen=True, slots=True)
class Whose:
    """The sides that can take a step with an item, and how the other one is refused."""

    sides: Callable[[Any], frozenset[Side]]
    refusal: Callable[[Any, User], Exception]


EITHER = Whose(lambda item: BOTH, lambda item, by: PermissionDenied())
"""Either side, as far as the right goes: those of a review belong to one side alone."""

Hook = Callable[[Taking[Any]], None]


def moving(write: Callable[..., Any], *names: str) -> Hook:
    """A function of the workflow as what a step does to the row: it is handed these of the taking, and its changes."""

    def moves(taking: Taking[Any]) -> None:
        known = {name: getattr(taking, name) for name in names}
        write(taking.item, version=taking.version, **known, **taking.changes)

    moves.__doc__ = write.__doc__
    return moves


class Action(Protocol):
    """A step as an action. `given`: the item under the name that its table says, and what else the step takes."""

    def __call__(self, *, version: int, by: User, at: datetime | None = None, **given: Any) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a kind of thing. What its fields mean stands at the head of this module."""

    name: str
    from_states: tuple[str, ...] | Callable[[Any], tuple[str, ...]]
    moves: Hook
    right: Right = Right.SETTLE_JOINTLY
    whose: Whose = EITHER
    applies: Callable[[Any], bool] | None = None
    takes: Mapping[str, Any] = field(default_factory=dict)  # name → default, or REQUIRED
    check: Hook | None = None
    first: Hook | None = None
    then: Hook | None = None
    rests_on: Callable[[Taking[Any]], Iterable[resting.Settled]] | None = None
    deletes: bool = False
    recorded: str | Callable[[Any], str] | None = (
        ""  # "" is the name; None: whoever takes it records what was done
    )
    keeps_state: bool = False  # whether the history names the state that it leads to
    forms: Mapping[str, type[SentForm]] = field(default_factory=dict)
    says: Any = ""  # a text, or a function of the item and the action's result
    answers: bool = False  # whether it is the other side's answer, for which what was put forward waits
    has_address: bool = True  # whether it is posted to an address of its own

    def word(self, item: Any) -> str:
        """Its word in the history."""
        return self.recorded(item) if callable(self.recorded) else self.recorded or self.name

    def states(self, item: Any) -> tuple[str, ...]:
        """The states from which it is taken with this item."""
        return self.from_states(item) if callable(self.from_states) else self.from_states

    def sides(self, item: Any) -> frozenset[Side]:
        """The sides whose staff can take it with the item as it stands; none from another state."""
        if item.state not in self.states(item) or not (self.applies is None or self.applies(item)):
            return frozenset()
        return frozenset(
            side for side in self.whose.sides(item) if side and permits(side, Role.STAFF, self.right)
        )

    def is_open(self, item: Any, person: User) -> bool:
        """Whether the person can take it now."""
        return (
            item.state in self.states(item)
            and allowed(person, item.center, self.right)
            and item.center.side_of(person) in self.whose.sides(item)
            and (self.applies is None or self.applies(item))
        )


class PossibleSteps:
    """The steps that a person can take now: `steps.take_back`. Pages show exactly these."""

    def __init__(self, known: Iterable[str], names: Iterable[str] = ()) -> None:
        self._known, self.names = frozenset(known), frozenset(names)

    def __getattr__(self, name: str) -> bool:
        if name.startswith("_") or name not in self._known:
            raise AttributeError(name)
        return name in self.names

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.names)


def itself(item: Any) -> Any:
    """What a table or a page speaks of, where nothing stands in between."""
    return item


@dataclass(frozen=True, eq=False)
class StepTable(Generic[Item]):
    """All steps of a kind of thing: `code` is its word in the history, `named` what its actions call it.

    Where the actions are given something else than the item that has the state, `of` finds that; where the history
    speaks of something else, `about` does.
    """

    model: type[Item]
    named: str
    code: str
    steps: tuple[Step, ...]
    of: Callable[[Any], Any] = itself
    about: Callable[[Any], Any] = itself

    def __post_init__(self) -> None:
        TABLES.append(self)

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return any(step.name == name for step in self.steps)

    def possible(self, item: Item | None, person: User) -> PossibleSteps:
        """What the person can do with the item now; nothing where there is none."""
        open_ones = [step.name for step in self.steps if item is not None and step.is_open(item, person)]
        return PossibleSteps([step.name for step in self.steps], open_ones)

    def awaited(self, item: Item | None) -> frozenset[Side]:
        """The side for whose answer the item waits; none where it waits for none."""
        answers = [step.sides(item) for step in self.steps if step.answers and item is not None]
        return frozenset().union(*answers)

    def action(self, name: str) -> Action:
        """The step as an action: `take_back(proposal=…, version=…, by=…)`, with `at` and what else the step takes."""
        step = self[name]

        def act(*, version: int, by: User, at: datetime | None = None, **given: Any) -> Any:
            item = self.of(given.pop(self.named))
            return self.take(name, item, version=version, by=by, at=at, **given)

        act.__name__, act.__doc__ = name, step.moves.__doc__
        # What it takes can be read from it, as from any other action.
        item = self.model if self.of is itself else Any
        asked = {self.named: item, "version": int, "by": User, "at": datetime | None} | dict.fromkeys(
            step.takes, Any
        )
        defaults = {"at": None, **step.takes}
        parameters = [
            Parameter(
                word,
                Parameter.KEYWORD_ONLY,
                annotation=kind,
                default=Parameter.empty if defaults.get(word, REQUIRED) is REQUIRED else defaults[word],
            )
            for word, kind in asked.items()
        ]
        setattr(act, "__signature__", Signature(parameters))  # noqa: B010 - the type checker knows no such attribute
        return act

    @transaction.atomic
    def take(
        self,
        name: str,
        item: Any,
        *,
        version: int,
        by: User,
        at: datetime | None = None,
        changes: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Any:
        """Take the step: the result that its hooks set, otherwise the item. `changes`: fields to be written with it.

        PermissionDenied without the right; what `whose` says for the wrong side; Conflict where somebody changed the
        item since `version`, Gone where somebody discarded it, WrongStep where its state is another; whatever the hooks
        raise. Then nothing is written.
        """
        step = self[name]
        if not given.keys() <= step.takes.keys():
            raise TypeError(f"{name} of {self.code} takes {', '.join(step.takes) or 'nothing more'}")
        side = acting_side(item.center, by, step.right)
        if side not in step.whose.sides(item):
            raise step.whose.refusal(item, by)
        taking = Taking(
            item, version, by, side, {**step.takes, **given}, at, dict(changes or {}), result=item
        )
        if missing := [key for key, value in taking.given.items() if value is REQUIRED]:
            raise TypeError(f"{name} of {self.code} needs {', '.join(missing)}")
        if step.check is not None:
            try:
                step.check(taking)
            except ValidationError:
                # Whatever is missing: what somebody discarded meanwhile lacks everything.
                version_lock.require_there(item)
                raise
        if step.first is not None or step.applies is not None:
            version_lock.step(item, version, step.states(item))
            taking.version = item.version
            if step.applies is not None and not step.applies(item):
                raise WrongStep(item.state)
            if step.first is not None:
                step.first(taking)
        step.moves(taking)
        if step.then is not None:
            step.then(taking)
        if step.rests_on is not None:
            resting.record(item.center, step.rests_on(taking), day=taking.known_from)
        if step.recorded is not None:
            self.record(
                item,
                step.word(item),
                by,
                before=taking.before,
                after=({"state": str(item.state)} if step.keeps_state else {}) | taking.after,
                reason=taking.reason,
                consultation=taking.consultation,
            )
        if step.deletes:
            item.delete()
            return None
        return taking.result

    def record(
        self,
        item: Any,
        word: str,
        by: User,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        consultation: str = "",
    ) -> None:
        """Append what was done with the item to the history, with the key of the consultation that settled it."""
        history.record(
            by=by,
            action=f"{self.code}.{word}",
            subject=self.about(item),
            center=item.center,
            before=before,
            after=after,
            reason=reason,
            consultation=consultation or item.settled_in,
        )


TABLES: list[StepTable[Any]] = []
"""Every table there is, for the tests."""


def acting_side(center: Center, by: User, right: Right = Right.SETTLE_JOINTLY) -> Side:
    """The side for which the person acts at the center; PermissionDenied without the right."""
    require(by, center, right)
    side = center.side_of(by)
    if side is None:  # `require` refused it already; said for the type checker
        raise PermissionDenied(right.value)
    return side
