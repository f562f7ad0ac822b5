"""What people type around a report: starting and correcting it, and the city's review."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from iconm_portal.settlement import step_forms
from iconm_portal.settlement.review import Decision
from iconm_portal.settlement.step_forms import DecisionForm, Wrong
from iconm_portal.values.fields import EraDateFormField
from iconm_portal.values.fiscal import FiscalYear
from kpi.reports.entry import Line, Sheet
from kpi.value_sources import check_messages
from kpi.value_sources.checks import refuse_value
from kpi.value_sources.entry_values import Comment

# The small forms around a report


class StartForm(forms.Form):
    """The day of which a new report speaks."""

    as_of = EraDateFormField(label=_("As of"))

    def __init__(self, *args: Any, fiscal_year: FiscalYear, today: date, **kwargs: Any) -> None:
        self.fiscal_year, self.today = fiscal_year, today
        super().__init__(*args, **kwargs)

    def clean_as_of(self) -> date:
        """Refused in the future and before the year."""
        as_of: date = self.cleaned_data["as_of"]
        refusals = refuse_value(as_of=as_of, fiscal_year=self.fiscal_year, today=self.today)
        if refusals:
            raise ValidationError(check_messages.refusal_texts(refusals))
        return as_of


class CorrectionForm(forms.Form):
    """Why accepted figures are corrected."""

    reason = forms.CharField(
        label=_("Reason for the correction"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


# What is wrong on a sheet of many forms


def wrongs_of(form: forms.Form) -> Iterator[Wrong]:
    """The refusals of one form; those of a line are labelled with its indicator."""
    line: Line | None = getattr(form, "line", None)
    return step_forms.wrongs_of(form, line.indicator.name if line else "")


# The review


class CommentForm(forms.Form):
    """The city's remark on one value, or on the whole report."""

    comment = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 1})
    )

    def __init__(self, line: Line | None, *, data: QueryDict | None = None) -> None:
        self.line = line
        super().__init__(data, prefix=line.indicator.code if line else None)
        widget = self.fields["comment"].widget
        if line:
            widget.attrs["aria-label"] = _("%(indicator)s: %(field)s") % {
                "indicator": line.indicator.name,
                "field": _("Comment"),
            }
        else:
            widget.attrs["rows"] = 2
            self.fields["comment"].label = _("Comment on the whole report")


class ReviewForm:
    """A comment for each value and one for the whole, and the city's own internal decision."""

    def __init__(self, sheet: Sheet, *, today: date, data: QueryDict | None = None) -> None:
        self.whole = CommentForm(None, data=data)
        self.lines = [CommentForm(line, data=data) for line in sheet.lines]
        self.decision_form = DecisionForm(data, today=today)
        self.is_bound = data is not None

    @property
    def wrongs(self) -> list[Wrong]:
        """Every refusal, in the order of the page."""
        return [wrong for form in (*self.lines, self.whole, self.decision_form) for wrong in wrongs_of(form)]

    @property
    def shown_wrongs(self) -> list[Wrong]:
        """The refusals of what was sent; none on a fresh page."""
        return self.wrongs if self.is_bound else []

    def is_valid(self) -> bool:
        """Whether everything can be taken as it was typed."""
        return self.is_bound and not self.wrongs

    def comments(self) -> list[Comment]:
        """What was written, blank ones left out; of a valid form."""
        return [
            Comment(form.cleaned_data["comment"], form.line.indicator.pk if form.line else None)
            for form in (*self.lines, self.whole)
            if form.cleaned_data["comment"]
        ]

    def decision(self) -> Decision:
        """The city's own internal decision, if it was recorded; of a valid form."""
        return self.decision_form.decision()
