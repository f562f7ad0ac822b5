"""What people type when they put official texts in the place of summaries."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import VersionedForm
from kpi.initiatives.official_texts.official_texts import Group
from kpi.models.official_texts import LONGEST


class OfficialTextsForm(VersionedForm):
    """The document, and a field for each text of the group. A blank field leaves what stands there."""

    document = forms.CharField(
        label=_("Document in which the texts stand"),
        max_length=200,
        help_text=_("Its title, date and the place in it."),
    )

    def __init__(self, data: Any, *, group: Group, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.group = group
        for item in group.items:
            self.fields[item.field] = forms.CharField(
                label=item.text,
                max_length=LONGEST,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=item.place,
            )

    @property
    def items(self) -> list[Any]:
        """The fields of the texts, in order."""
        return [self[item.field] for item in self.group.items]

    def texts(self) -> dict[str, str]:
        """The official texts by field; of a valid form."""
        return {item.field: self.cleaned_data[item.field] for item in self.group.items}
