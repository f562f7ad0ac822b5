"""What staff type into a center's lists."""

from typing import Any, Final, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement
from agreements.pages.master.forms import ANOTHER, AnotherAgreement
from agreements.pages.master.lists.lists import CHRONOLOGY, CRITERIA, POSTS, Facts, KeptList, Row, state_of
from agreements.pages.master.rows import fingerprint
from iconm_portal.forms.master_data import MasterDataForm
from iconm_portal.models import Center
from iconm_portal.values.fields import EraDateFormField, PartialDateFormField


def _position() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Position"),
        min_value=0,
        max_value=999,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "3"}),
        help_text=_("Rows stand in the order of this number. Blank for the place behind all others."),
    )


def _source() -> forms.CharField:
    return forms.CharField(
        label=_("Source"),
        max_length=120,
        required=False,
        help_text=_("Such as the document and its page."),
    )


class RowForm(MasterDataForm):
    """A row of a list. Nobody is asked for its code."""

    def __init__(self, data: Any = None, *, center: Center, kept: KeptList, row: Row | None = None) -> None:
        """`row`: what is changed; None for a new one."""
        self.kept = kept
        super().__init__(data, stored=_as_it_stands(kept, row) if row else None)
        self.fields.pop("code", None)
        if "agreement" in self.fields:
            field = cast(forms.ModelChoiceField, self.fields["agreement"])
            field.queryset = Agreement.objects.filter(center=center)
            field.empty_label = _("None")

    def facts(self) -> Facts:
        """What was typed; of a valid form."""
        return self.kept.facts(**self.typed())


class PostForm(RowForm):
    title = forms.CharField(label=_("Title"), max_length=60)
    task = forms.CharField(label=_("Task"), max_length=200, required=False)
    since = EraDateFormField(
        label=_("First day"), required=False, help_text=_("Blank where it was always there.")
    )
    until = EraDateFormField(
        label=_("Last day"), required=False, help_text=_("Blank as long as it is there.")
    )
    position = _position()
    source = _source()


class ChronologyForm(RowForm):
    happened_on = PartialDateFormField(
        label=_("Date"), help_text=_("As precisely as it is known: a day, a month, a year or a fiscal year.")
    )
    text = forms.CharField(
        label=_("Text"), max_length=400, widget=forms.Textarea(attrs={"rows": 3, "lang": "ja"})
    )
    agreement = AnotherAgreement(
        Agreement.objects.none(), label=_("Agreement"), required=False, error_messages=ANOTHER
    )
    source = _source()


class CriterionForm(RowForm):
    label = forms.CharField(label=_("Name"), max_length=200)
    position = _position()
    source = _source()


FORMS: Final[dict[str, type[RowForm]]] = {
    POSTS.slug: PostForm,
    CHRONOLOGY.slug: ChronologyForm,
    CRITERIA.slug: CriterionForm,
}


def _as_it_stands(kept: KeptList, row: Row) -> dict[str, Any]:
    """The row's values as the form has them."""
    held = {name: getattr(row, name) for name in kept.facts.__dataclass_fields__}
    return held | {"seen": fingerprint(state_of(kept, row))}
