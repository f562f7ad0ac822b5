"""What an indicator's value is proposed from: an account's settlement, or what the register counts. Master data."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from finance.models import Account
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from kpi.models import Category, Indicator, IndicatorBasis, Measured


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
def set_basis(*, indicator: Indicator, choice: Choice, seen: Choice, by: User) -> None:
    """Store the choice. Conflict where it is no longer as the person saw it. No accepted figure changes by it:
    what is proposed is compared with what was reported, and never takes its place."""
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
    made = IndicatorBasis(indicator=indicator, measured=Measured(choice.measured) if choice.measured else "")
    if choice.account:
        made.account = Account.objects.filter(center=center, code=choice.account).first()
    if choice.category:
        made.category = Category.objects.filter(center=center, code=choice.category).first()
    if choice != NONE and made.account is None and made.category is None:
        raise ValidationError({"basis": _("Choose one of the listed values.")})
    if held is not None:
        held.delete()
    if choice != NONE:
        made.full_clean()
        made.save()
    history.record(
        by=by,
        action="basis.change",
        subject=made,
        center=center,
        before={"basis": before.key} if before != NONE else {},
        after={"basis": choice.key} if choice != NONE else {},
    )
