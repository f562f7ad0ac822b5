"""What staff type about an agreement and its obligations, and how both are offered for choice."""

from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.duties import texts, timings
from agreements.models import (
    Agreement,
    AgreementKind,
    Bound,
    Edition,
    Obligation,
    Provision,
    SupportMeasure,
    Timing,
    Way,
)
from agreements.pages.master import actions
from agreements.pages.master.rows import fingerprint
from iconm_portal.forms.master_data import MasterDataForm, names_of
from iconm_portal.models import Center
from iconm_portal.standing import deeds
from iconm_portal.values.fields import EraDateFormField, FiscalYearFormField

ANOTHER = {"invalid_choice": _("Choose another agreement of this center.")}


class AnotherAgreement(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class ProvisionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{texts.provision_name(obj)} {obj.heading}".strip()


def offer_provisions(
    form: forms.Form, edition: Edition | None, held: Obligation | SupportMeasure | None
) -> None:
    """In the field `provision` stand the provisions of the edition, and the one to which the row is tied already."""
    field = cast(forms.ModelChoiceField, form.fields["provision"])
    offered = Q(edition=edition) if edition else Q(pk=None)
    if held and held.provision_id:
        offered |= Q(pk=held.provision_id)
    field.queryset = Provision.objects.filter(offered)
    field.empty_label = _("The agreement as a whole")


class AgreementForm(MasterDataForm):
    """An agreement. Annual ones are proposed by the parties, so their kind is not offered."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[choice for choice in AgreementKind.choices if choice[0] != AgreementKind.ANNUAL],
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    short_title = forms.CharField(label=_("Short title"), max_length=80)
    parent = AnotherAgreement(
        Agreement.objects.none(), label=_("Stands under"), required=False, error_messages=ANOTHER
    )
    replaces = AnotherAgreement(
        Agreement.objects.none(), label=_("Replaces"), required=False, error_messages=ANOTHER
    )
    starts_on = EraDateFormField(label=_("In force from"))
    ends_on = EraDateFormField(
        label=_("In force until"), required=False, help_text=_("Blank where no end is agreed.")
    )
    review_on = EraDateFormField(label=_("To be reviewed at"), required=False)
    review_reason = forms.CharField(label=_("Why it is reviewed then"), max_length=200, required=False)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=200, required=False)
    summary = forms.CharField(
        label=_("Summary"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any = None, *, center: Center, agreement: Agreement | None = None) -> None:
        """`agreement`: what is changed; None for a new one."""
        super().__init__(data, stored=as_it_stands(agreement) if agreement else None)
        # Annual agreements stand under others, never above them.
        others = Agreement.objects.filter(center=center).exclude(kind=AgreementKind.ANNUAL)
        for name in ("parent", "replaces"):
            field = cast(forms.ModelChoiceField, self.fields[name])
            field.queryset = others.exclude(pk=agreement.pk) if agreement else others
            field.empty_label = _("None")

    def facts(self) -> actions.AgreementFacts:
        """What was typed; of a valid form."""
        return actions.AgreementFacts(**self.typed())


def as_it_stands(agreement: Agreement) -> dict[str, Any]:
    """The agreement's values as the form has them."""
    seen = fingerprint(actions.agreement_state(agreement))
    return {name: getattr(agreement, name) for name in names_of(AgreementForm)} | {"seen": seen}


class _Number(forms.IntegerField):
    """A small whole number in a one-line text field; its bounds are the model's."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "4"})


class ObligationForm(MasterDataForm):
    """An obligation. Where its rule is fixed, its fields are gone, unless somebody sent them all the same."""

    title = forms.CharField(label=_("Title"), max_length=200)
    provision = ProvisionField(Provision.objects.none(), label=_("Provision"), required=False)
    bound = forms.ChoiceField(label=_("Who is bound"), choices=Bound.choices, widget=forms.RadioSelect)
    way = forms.ChoiceField(label=_("How it is decided"), choices=Way.choices, widget=forms.RadioSelect)
    timing = forms.ChoiceField(label=_("When"), choices=Timing.choices, widget=forms.RadioSelect)
    due_month = _Number(
        label=_("Due month"),
        required=False,
        help_text=_(
            "Of what falls due every fiscal year. Month and day stay blank where the agreement has none."
        ),
    )
    due_day = _Number(label=_("Due day"), required=False)
    due_year_offset = forms.TypedChoiceField(
        label=_("Calendar year in which it falls due"),
        choices=list(timings.OFFSETS.items()),
        coerce=int,
        initial=0,
    )
    due_on = EraDateFormField(label=_("Due on"), required=False, help_text=_("Only of what falls due once."))
    deed = forms.ChoiceField(
        label=_("Fulfilled in the portal by"),
        choices=deeds.choices,
        required=False,
        help_text=_(
            "What the portal has itself is not asked for a second time. Blank where documents are handed in."
        ),
    )
    first_year = FiscalYearFormField(label=_("First fiscal year"), required=False)
    last_year = FiscalYearFormField(
        label=_("Last fiscal year"),
        required=False,
        help_text=_("An obligation is ended by its last fiscal year."),
    )
    documents = forms.CharField(
        label=_("Required documents"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One name per line."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        edition: Edition | None,
        obligation: Obligation | None = None,
        is_fixed: bool = False,
    ) -> None:
        """`edition`: whose provisions are offered. `obligation`: what is changed; None for a new one."""
        self.obligation = obligation
        self.standing = obligation_as_it_stands(obligation) if obligation else {}
        super().__init__(data, stored=self.standing if obligation else None)
        offer_provisions(self, edition, obligation)
        if is_fixed:
            for name in actions.RULE:
                if not data or name not in data:
                    del self.fields[name]

    def clean_documents(self) -> tuple[str, ...]:
        """One name per line, blank lines left out."""
        lines = (line.strip() for line in self.cleaned_data["documents"].splitlines())
        return tuple(line for line in lines if line)

    def facts(self) -> actions.ObligationFacts:
        """What was typed; of a valid form. What it does not ask for stays as it is."""
        values = {
            name: self.standing[name] for name in names_of(ObligationForm) if self.standing
        } | self.typed()
        if isinstance(values["documents"], str):
            values["documents"] = tuple(values["documents"].splitlines())
        return actions.ObligationFacts(**values)

    def typed_rule(self) -> Obligation:
        """The rule as typed so far, to be said in words; unsaved, and blank where it cannot be read."""
        typed = {**self.standing, **getattr(self, "cleaned_data", {})}
        said = {name: typed[name] for name in actions.RULE if name in typed and name != "documents"}
        return Obligation(**said | {"due_year_offset": typed.get("due_year_offset") or 0})


def obligation_as_it_stands(obligation: Obligation) -> dict[str, Any]:
    """The obligation's values as the form has them."""
    state = actions.obligation_state(obligation)
    names = [name for name in names_of(ObligationForm) if name != "documents"]
    return {name: getattr(obligation, name) for name in names} | {
        "documents": "\n".join(state["documents"]),
        "seen": fingerprint(state),
    }
