"""What an indicator's value is proposed from: an account's settlement, or what the register counts. Master data."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.models import known_days
from finance.models import Account
from iconm_portal.display import template_tags
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from iconm_portal.values import clock
from iconm_portal.values.money import format_number
from kpi.models import Category, Indicator, IndicatorBasis, Measured, OpeningBalance
from kpi.register.opening_balances import Scope, latest
from kpi.value_sources import accepted_values
from kpi.value_sources.accepted_values import AcceptedValue


@dataclass(frozen=True, slots=True)
class Choice:
    """An account's code, or a category's with what of its records counts; neither: nothing is proposed."""

    account: str = ""
    category: str = ""
    measured: str = ""

    @property
    def key(self) -> str:
        """As a form's option carries it."""
        return f"account/{self.account}" if self.account else f"category/{self.category}/{self.measured}"

    @classmethod
    def of(cls, key: str) -> "Choice":
        """The reverse of `key`; ValueError for anything else."""
        match key.split("/"):
            case ["account", code] if code:
                return cls(account=code)
            case ["category", "", ""]:
                return cls()
            case ["category", code, measured] if code and measured in Measured.values:
                return cls(category=code, measured=measured)
        raise ValueError(key)


NONE = Choice()


def chosen(basis: IndicatorBasis | None) -> Choice:
    """What is stored; the row comes with its account and category."""
    if basis is None:
        return NONE
    if basis.account is not None:
        return Choice(account=basis.account.code)
    return Choice(category=basis.category.code, measured=basis.measured) if basis.category else NONE


@transaction.atomic
def set_basis(
    *, indicator: Indicator, choice: Choice, seen: Choice, reason: str, by: User, at: datetime
) -> None:
    """Store the choice, with the reason. Conflict where it is no longer as the person saw it.

    No accepted figure changes by it: what is proposed is compared with what was reported, and never takes its place; and a
    report that was accepted before is not held against the new source.
    """
    center = indicator.plan.center
    require(by, center, Right.PREPARE)
    # One after the other: a row that is not there yet cannot be locked itself.
    Indicator.objects.select_for_update().get(pk=indicator.pk)
    rows = IndicatorBasis.objects.filter(indicator=indicator).select_related("account", "category")
    held = rows.first()
    before = chosen(held)
    if before != seen:
        raise Conflict
    if choice == before:
        return
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is changed.")})
    made = IndicatorBasis(indicator=indicator, measured=Measured(choice.measured) if choice.measured else "")
    made.reason, made.chosen_at, made.chosen_by = reason.strip(), at, by
    if choice.account:
        made.account = Account.objects.filter(center=center, code=choice.account).first()
    if choice.category:
        made.category = Category.objects.filter(center=center, code=choice.category).first()
    if choice != NONE and made.account is None and made.category is None:
        raise ValidationError({"basis": _("Choose one of the listed values.")})
    if choice != NONE:
        # Before it is stored: it takes the place of one that goes only now.
        made.full_clean(validate_unique=False)
    # Told first: the database lets a source of accepted values go, and another come, only as the history says.
    history.record(
        by=by,
        action="basis.change",
        subject=made,
        center=center,
        before={"basis": before.key} if before != NONE else {},
        after={"basis": choice.key} if choice != NONE else {},
        reason=made.reason,
    )
    if held is not None:
        held.delete()
    if choice != NONE:
        made.save()


@dataclass(frozen=True, slots=True)
class Balance:
    """A number until the end of a day, and the document that says so; without the two there is none."""

    value: int | None
    as_of: date | None
    source: str


@transaction.atomic
def set_opening_balance(
    *, center: Center, scope: Scope, balance: Balance, seen: int, reason: str, by: User, at: datetime
) -> OpeningBalance:
    """A new revision of what stood before the register counts on. Conflict where there is a later one than the `seen`
    (0: none). From the second on it needs a reason."""
    require(by, center, Right.PREPARE)
    Center.objects.select_for_update().get(pk=center.pk)  # one revision after the other
    before = latest(scope)
    if (before.revision if before else 0) != seen:
        raise Conflict
    if (balance.value is None) != (balance.as_of is None):
        raise ValidationError({"as_of": _("A number and the day until which it counts belong together.")})
    if balance.value is None and (before is None or before.value is None):
        raise ValidationError({"value": _("Enter the number that stood at the end of the day.")})
    if before is not None and not reason.strip():
        raise ValidationError({"reason": _("Say why it is changed.")})
    _can_be(center, scope, balance, reason, today=clock.day_of(at))
    made = OpeningBalance(
        center=center,
        category=scope.category,
        measured=scope.measured or "",
        indicator=scope.indicator,
        revision=seen + 1,
        value=balance.value,
        as_of=balance.as_of,
        source=balance.source,
        reason=reason.strip(),
        recorded_at=at,
        recorded_by=by,
    )
    made.full_clean()
    made.save()
    history.record(
        by=by,
        action="opening_balance.change" if before else "opening_balance.add",
        subject=made,
        center=center,
        before=_kept(before),
        after=_kept(made),
        reason=made.reason,
    )
    return made


def _can_be(center: Center, scope: Scope, balance: Balance, reason: str, *, today: date) -> None:
    """ValidationError for a day that cannot be, and, without a reason, for a number above what both accepted as of that
    day or a later one: a cumulative does not fall."""
    if balance.as_of is None or balance.value is None:
        return
    if balance.as_of > today:
        raise ValidationError({"as_of": _("The day must not lie in the future.")})
    known_days.of(center, today=today).refuse_too_early(balance.as_of, "as_of")
    if reason.strip():
        return
    lower = [
        one
        for one in _accepted_of(center, scope, today=today)
        if one.as_of >= balance.as_of and one.value < balance.value
    ]
    if lower:
        first = min(lower, key=lambda one: (one.as_of, one.value))
        message = _(
            "As of %(day)s only %(value)s were accepted, and a cumulative does not fall."
            " Correct the number or the day, or say why under “Reason for the change”."
        )
        words = {
            "day": template_tags.era_date(first.as_of),
            "value": format_number(first.value, strip_zeros=True),
        }
        raise ValidationError({"value": ValidationError(message, params=words)})


def _accepted_of(center: Center, scope: Scope, *, today: date) -> list[AcceptedValue]:
    """What both accepted of the cumulatives that the balance is of. Three queries."""
    of = (
        Q(indicator=scope.indicator)
        if scope.indicator
        else Q(category=scope.category, measured=scope.measured)
    )
    bases = IndicatorBasis.objects.filter(of, indicator__plan__center=center).select_related("indicator")
    cumulative = [basis for basis in bases if basis.indicator.kind.only_grows]
    found = accepted_values.load(center, cumulative, known_at=today)
    return [one for values in found.values() for one in values]


def _kept(row: OpeningBalance | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"value": row.value, "as_of": row.as_of, "source": row.source}
