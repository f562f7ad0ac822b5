"""The register's categories, kept by the staff of both sides: what kinds of things are recorded, and what each is asked for."""

from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from kpi.models import Category

# Parts of the register's addresses that stand where a category's code would.
RESERVED = ("counted", "export", "import", "imports", "new")


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What staff decide about a category."""

    name: str
    unit: str = ""
    position: int = 0
    reference_label: str = ""
    asks_people: bool = False
    asks_satisfaction: bool = False
    asks_stage: bool = False
    same_reference: bool = False
    same_title: bool = True
    same_date: bool = True
    same_partner: bool = False


def facts_of(category: Category) -> CategoryFacts:
    return CategoryFacts(**{name: getattr(category, name) for name in CategoryFacts.__dataclass_fields__})


@transaction.atomic
def create(*, center: Center, code: str, facts: CategoryFacts, by: User) -> Category:
    """A new category. Its code stands in addresses and sheets and is never changed."""
    require(by, center, Right.PREPARE)
    if code in RESERVED:
        raise ValidationError({"code": _("“%(code)s” is an address of the portal's own.") % {"code": code}})
    category = Category(center=center, code=code, **asdict(facts))
    category.full_clean()
    category.save()
    history.record(
        by=by, action="category.add", subject=category, center=center, after={"code": code, **_kept(facts)}
    )
    return category


@transaction.atomic
def change(*, category: Category, seen: CategoryFacts, facts: CategoryFacts, by: User) -> Category:
    """Change a category. Raises Conflict where it is no longer as the person saw it. Nothing that is recorded
    is lost when it asks for less: what was written down stays readable."""
    require(by, category.center, Right.PREPARE)
    held = Category.objects.select_for_update().select_related("center").get(pk=category.pk)
    if facts_of(held) != seen:
        raise Conflict
    for name, value in asdict(facts).items():
        setattr(held, name, value)
    held.full_clean()
    before, after = history.changed(asdict(seen), asdict(facts))
    if after:
        held.save()
        history.record(
            by=by, action="category.change", subject=held, center=held.center, before=before, after=after
        )
    return held


def _kept(facts: CategoryFacts) -> dict[str, Any]:
    return {name: value for name, value in asdict(facts).items() if value not in ("", False, 0)}
