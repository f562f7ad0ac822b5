"""What administrators type about organisations and centers."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.master_data import CodeFormField, MasterDataForm, fingerprint, names_of
from iconm_portal.models import Center, Organisation
from iconm_portal.people.centers.center_actions import CenterFacts, center_state
from iconm_portal.people.centers.organisation_actions import OrganisationFacts, organisation_state
from iconm_portal.values import closing_days
from iconm_portal.values.fields import EraDateFormField
from iconm_portal.values.money import NegativeMark


def _code() -> CodeFormField:
    return CodeFormField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_(
            "For addresses and sheets: small letters, digits and hyphens. Left blank, it is made from the English name or"
            " the name. It cannot be changed later."
        ),
    )


class OrganisationForm(MasterDataForm):
    """An organisation."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    code = _code()

    field_order = ("name", "name_en", "code")

    def __init__(self, data: Any = None, *, organisation: Organisation | None = None) -> None:
        """`organisation`: what is changed; None for a new one."""
        stored = None
        if organisation is not None:
            stored = organisation_state(organisation)
            stored |= {"seen": fingerprint(stored)}
        super().__init__(data, stored=stored)

    def facts(self) -> OrganisationFacts:
        """What was typed; of a valid form."""
        return OrganisationFacts(**self.typed())


class CenterForm(MasterDataForm):
    """A center that is there."""

    name = forms.CharField(label=_("Name"), max_length=120)
    short_name = forms.CharField(
        label=_("Short name"), max_length=60, required=False, help_text=_("Left blank, it is the name.")
    )
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    code = _code()
    negative_mark = forms.TypedChoiceField(
        label=_("Mark of negative figures"),
        choices=[(mark.value, mark.value) for mark in NegativeMark],
        coerce=NegativeMark,
        initial=NegativeMark.BLACK.value,
        help_text=_("On pages and on papers that are made from now on; what is frozen stays as it is."),
    )
    closing_days = forms.CharField(
        label=_("Closing days of the offices"),
        max_length=200,
        required=False,
        initial=closing_days.USUAL,
        help_text=_(
            "Every year, beside weekends and national holidays: 12/29〜1/3, 6/23. The last working day before a due date"
            " follows from them."
        ),
    )
    opens_on = EraDateFormField(label=_("First day of the center"), required=False)
    closes_on = EraDateFormField(
        label=_("Last day of the center"),
        required=False,
        help_text=_(
            "Blank while no end is known. From the day after, nothing is reminded of; everything stays to be read."
        ),
    )

    field_order: tuple[str, ...] = ("name", "short_name", "name_en")

    def __init__(self, data: Any = None, *, center: Center | None = None) -> None:
        """`center`: what is changed; None for a new one."""
        stored = None
        if center is not None:
            stored = {name: getattr(center, name) for name in names_of(CenterForm)}
            stored["negative_mark"] = center.negative_mark.value
            stored |= {"seen": fingerprint(center_state(center))}
        super().__init__(data, stored=stored)

    def clean_closing_days(self) -> str:
        """As it was typed; a day that there is not is refused."""
        text: str = self.cleaned_data["closing_days"].strip()
        try:
            closing_days.parse(text)
        except ValueError:
            raise forms.ValidationError(
                _("Write days as month and day, with commas: 12/29〜1/3, 6/23."), code="no_days"
            ) from None
        return text

    def facts(self) -> CenterFacts:
        """What was typed; of a valid form."""
        typed = {name: value for name, value in self.typed().items() if name not in ("supporter", "operator")}
        return CenterFacts(**{**typed, "short_name": typed["short_name"] or typed["name"][:60]})


class NewCenterForm(CenterForm):
    """A center with its two parties, which never change. `organisations`: the administrator's own, and those that may be
    the other one."""

    supporter = forms.ModelChoiceField(Organisation.objects.none(), label=_("Supporter (city)"))
    operator = forms.ModelChoiceField(Organisation.objects.none(), label=_("Operator (foundation)"))

    field_order = ("name", "short_name", "name_en", "supporter", "operator", "code")

    def __init__(self, data: Any = None, *, organisations: QuerySet[Organisation]) -> None:
        super().__init__(data)
        for name in ("supporter", "operator"):
            field = cast(forms.ModelChoiceField, self.fields[name])
            field.queryset = organisations
            field.empty_label = _("Choose one")
            field.help_text = _("It cannot be changed later.")
