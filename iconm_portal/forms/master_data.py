"""Forms of master data: a row whose state the person saw before they changed it, with a code that never changes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import EditedForm
from iconm_portal.values.text import normalised


def fingerprint(state: Mapping[str, Any]) -> str:
    """A short mark of a state: two that are alike have the same."""
    text = json.dumps(state, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class CodeFormField(forms.CharField):
    """A code typed in full width is read as it was meant; what it may be made of is the model's rule."""

    def to_python(self, value: Any) -> str:
        return normalised(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"autocapitalize": "none", "spellcheck": "false"}


class MasterDataForm(EditedForm):
    """A form over something whose state the person saw (`seen`); `code` only until it exists."""

    code = CodeFormField(
        label=_("Code"),
        max_length=40,
        help_text=_("For addresses and sheets, such as basic-r4. It cannot be changed later."),
    )
    seen = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, stored: Mapping[str, Any] | None) -> None:
        """`stored`: the values of what is changed, as the form has them; None for a new one."""
        super().__init__(data, initial=stored)
        if stored is not None:
            del self.fields["code"]

    def typed(self) -> dict[str, Any]:
        """Of a valid form, without code and state."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("code", "seen")}


def names_of(form: type[MasterDataForm]) -> list[str]:
    """The fields that say something of the row, without code and state."""
    return [name for name in form.base_fields if name not in ("code", "seen")]
