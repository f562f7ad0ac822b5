"""Two people on one record: what the second one typed beside what is saved now, field by field."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from iconm_portal.templatetags import portal
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from kpi.models import Record
from kpi.plans import texts
from kpi.register.actions import FACTS, facts_of
from kpi.register.forms import RecordForm


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which the two versions differ, as a reader writes it; 「－」 for a blank."""

    label: str
    saved: str
    typed: str


def differences(form: RecordForm, now: Record) -> list[Difference]:
    """Where the typed version differs from what is saved now; of a valid form."""
    saved, typed = facts_of(now), form.facts()
    return [
        Difference(str(form[name].label), _shown(getattr(saved, name)), _shown(getattr(typed, name)))
        for name in FACTS
        if name in form.fields and getattr(saved, name) != getattr(typed, name)
    ]


def _shown(value: Any) -> str:
    match value:
        case None | "":
            return "－"
        case bool():
            return _("yes") if value else _("no")
        case FiscalYear():
            return texts.year_label(value)
        case date():
            return portal.era_date(value)
        case int() | Decimal():
            return format_number(value, strip_zeros=True)
    text = str(value)
    return partial_date.label(text, "ja") if partial_date.is_valid(text) and "-" in text else text
