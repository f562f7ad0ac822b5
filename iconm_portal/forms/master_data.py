"""Forms of master data: a row whose state the person saw before they changed it, with a code that never changes."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from iconm_portal.values.text import normalised


class CodeFormField(forms.CharField):
    """A code typed in full width is read as it was meant; what it may be made of is the model's rule."""

    def to_python(self, value: Any) -> str:
        return normalised(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"autocapitalize": "none", "spellcheck": "false"}


class KeptForm(forms.Form):
    """A form over something whose state the person saw; `code` only until it exists."""

    code = CodeFormField(
        label=_("Code"),
        max_length=40,
        help_text=_("For addresses and sheets, such as basic-r4. It cannot be changed later."),
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def say_what_is_saved(self, now: Mapping[str, Any]) -> None:
        """At every field that stands otherwise than typed: what is saved there now. Of a valid form."""
        typed = dict(self.cleaned_data)
        for name in self.fields:
            if name != "seen" and name in now and typed[name] != now[name]:
                self.add_error(name, _("Saved now: %(value)s") % {"value": self._shown(name, now[name])})

    def _shown(self, name: str, value: Any) -> str:
        if value in (None, "", ()):
            return "－"
        if isinstance(value, tuple):
            return "、".join(value)
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            return field.label_from_instance(value)
        if isinstance(field, forms.ChoiceField):
            return str(dict(cast(Any, field.choices)).get(value, value))
        return str(field.prepare_value(value))


def seen_again(request: HttpRequest, seen: str) -> QueryDict:
    """What was sent, over the state that stands now: saved again, it replaces that knowingly."""
    data = request.POST.copy()
    data["seen"] = seen
    return data
