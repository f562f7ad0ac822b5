"""What people type around a report: starting and correcting it, and the city's review."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.refusals import Wrong, wrongs_of
from iconm_portal.models import User
from iconm_portal.settlement.step_forms import DecisionForm
from iconm_portal.values import clock
from iconm_portal.values.fields import AsOfFormField
from iconm_portal.values.fiscal import FiscalYear
from kpi.reports.entry import EntrySheet, load
from kpi.reports.entry_lines import EntryLine
from kpi.value_sources import check_messages
from kpi.value_sources.checks import refuse_value
from kpi.value_sources.entry_values import Comment

# The small forms around a report


class StartForm(EditedForm):
    """The day of which a new report speaks."""

    as_of = AsOfFormField(label=_("As of"))

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


# The review


class CommentForm(forms.Form):
    """The city's remark on one value, or on the whole report."""

    comment = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 1})
    )

    def __init__(self, line: EntryLine | None, *, data: QueryDict | None = None) -> None:
        self.line, self.line_name = line, line.indicator.name if line else ""
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

    def __init__(self, sheet: EntrySheet, *, today: date, data: QueryDict | None = None) -> None:
        self.sheet = sheet
        self.whole = CommentForm(None, data=data)
        self.lines = [CommentForm(line, data=data) for line in sheet.lines]
        self.decision_form = DecisionForm(data, today=today)
        self.is_bound = data is not None

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "ReviewForm":
        today = clock.today()
        return cls(load(item, today=today), today=today, data=data)

    @property
    def wrongs(self) -> list[Wrong]:
        """Every refusal, in the order of the page."""
        said = [wrong for form in (*self.lines, self.whole) for wrong in wrongs_of(form, form.line_name)]
        return [*said, *wrongs_of(self.decision_form)]

    @property
    def errors(self) -> list[Wrong]:
        """The refusals of what was sent; none on a fresh page."""
        return self.wrongs if self.is_bound else []

    def comments(self) -> list[Comment]:
        """What was written, blank ones left out; of a valid form."""
        return [
            Comment(form.cleaned_data["comment"], form.line.indicator.pk if form.line else None)
            for form in (*self.lines, self.whole)
            if form.cleaned_data["comment"]
        ]

    def given(self) -> dict[str, Any]:
        """What accepting takes; of a valid form."""
        return {"comments": self.comments(), "decision": self.decision_form.decision()}


class ReturnForm(ReviewForm):
    """The same where it is returned: there the decision is not kept."""

    def given(self) -> dict[str, Any]:
        return {"comments": self.comments()}
