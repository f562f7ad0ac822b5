"""What people type about an agreement: its conclusion, a notice, an ending, an annual agreement."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.consultations import consultations
from agreements.consultations.forms import ConsultationChoice
from agreements.instruments.agreements import AgreementOnDay
from agreements.instruments.annual_actions import Terms
from agreements.models import Agreement, ConsultationType
from iconm_portal.display import template_tags
from iconm_portal.forms.edited import EditedForm, VersionedForm
from iconm_portal.forms.file_fields import DocumentField
from iconm_portal.values.fields import EraDateFormField, NumberFormField, PartialDateFormField
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, to_yen

MOST_YEN = 10**13
YEARS_TO_CHOOSE = 2  # an annual agreement is drawn up for years so far before and after this one


class ConclusionForm(forms.Form):
    """That the agreement was signed: when, under which number, with the scan."""

    concluded_on = PartialDateFormField(
        label=_("Concluded on"),
        help_text=_("A day; or a month or a year where no more is known, such as 平成27年2月 or 2015."),
    )
    document_number = forms.CharField(label=_("Document number"), max_length=80, required=False)
    scan = DocumentField(
        label=_("Scan of the signed document"), required=False, help_text=_("PDF or picture, at most 20 MB.")
    )


class CorrectedConclusionForm(ConclusionForm, EditedForm):
    """The same once more, with the reason. `revision`: the last one that the person saw."""

    reason = forms.CharField(
        label=_("Reason for the correction"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    revision = forms.IntegerField(min_value=0, max_value=30_000, widget=forms.HiddenInput)


class ChangedConclusionForm(ConclusionForm, VersionedForm):
    """What was taken back or declined, to be put forward once more."""

    reason = forms.CharField(
        label=_("Reason for the correction"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoticeForm(forms.Form):
    """解約の申出 by the person's own side."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given_on"] = EraDateFormField(label=_("Given on"), latest=today)
        self.order_fields(["given_on"])


class EndingForm(forms.Form):
    """The last day in force, and the talk that settled it."""

    ends_on = EraDateFormField(label=_("Last day in force"))
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settled = consultations.confirmed_about(agreement, ConsultationType.TERMINATE)
        self.fields["consultation"] = ConsultationChoice(
            settled.select_related("center"),
            label=_("Consultation that settled it"),
            empty_label=_("Choose one"),
        )
        self.order_fields(["ends_on", "consultation", "reason"])


class AnnualForm(VersionedForm):
    """The terms of an annual agreement. The contribution is typed in 千円 and kept in whole yen."""

    fiscal_year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=lambda text: FiscalYear(int(text)))
    title = forms.CharField(label=_("Title"), max_length=200)
    short_title = forms.CharField(label=_("Short title"), max_length=80)
    starts_on = EraDateFormField(label=_("In force from"))
    ends_on = EraDateFormField(label=_("In force until"))
    contribution = NumberFormField(
        label=_("Contribution of the city"),
        unit="千円",
        decimals=3,
        minimum=0,
        maximum=Decimal(MOST_YEN) / 1000,
        help_text=_("In thousands of yen, for example 110,000."),
    )
    content = forms.CharField(
        label=_("What is to be done, and by whom"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, data: Any = None, *, entry: AgreementOnDay | None = None, today: date) -> None:
        """`entry`: the annual agreement that is changed; None for a new one."""
        super().__init__(data, initial=_as_it_stands(entry) if entry else _usual(today))
        if entry:
            del self.fields["fiscal_year"]
        else:
            this_year = FiscalYear.of(today)
            years = FiscalYear.range(this_year - YEARS_TO_CHOOSE, this_year + YEARS_TO_CHOOSE)
            self.fields["fiscal_year"].choices = [  # type: ignore[attr-defined]
                (str(year.start), template_tags.fiscal_year(year)) for year in years
            ]

    def terms(self) -> Terms:
        """What was typed; of a valid form."""
        typed = self.cleaned_data
        return Terms(
            title=typed["title"],
            short_title=typed["short_title"],
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            contribution=to_yen(typed["contribution"], MoneyUnit.THOUSAND),
            content=typed["content"],
        )


def _usual(today: date) -> dict[str, Any]:
    """Of the coming year from the autumn on, when it is negotiated; of the current one before."""
    year = FiscalYear.of(today)
    year = year.next if today >= date(year.start, 10, 1) else year
    return {
        "fiscal_year": str(year.start),
        "title": f"{year.wareki}の研究支援事業に関する年度協定書",
        "short_title": f"年度協定（{year.wareki}）",
        "starts_on": year.first_day,
        "ends_on": year.last_day,
    }


def _as_it_stands(entry: AgreementOnDay) -> dict[str, Any]:
    agreement, terms = entry.agreement, entry.terms
    thousands = None if agreement.contribution is None else Decimal(agreement.contribution) / 1000
    return {
        "title": agreement.title,
        "short_title": agreement.short_title,
        "starts_on": agreement.starts_on,
        "ends_on": agreement.ends_on,
        "contribution": thousands,
        "content": terms.preamble if terms else "",
        "version": terms.version if terms else 0,
    }
