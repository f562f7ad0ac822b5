"""The day switch of a page: what was known at the end of an earlier day, given by the address (?known_at=)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.values.fields import EraDateFormField


class KnownOn(forms.Form):
    """The day whose knowledge is shown; today without one."""

    known_at = EraDateFormField(label=_("As known on"), required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["known_at"].latest = today  # type: ignore[attr-defined]

    @property
    def day(self) -> date:
        """The day asked for, or today where none or an unusable one was."""
        return (self.is_valid() and self.cleaned_data["known_at"]) or self.today

    @property
    def typed(self) -> str:
        """What stands in the field: as typed while it is wrong, otherwise the day in the reader's way of writing."""
        if not self.is_valid():
            return self.data.get("known_at", "")
        return str(self.fields["known_at"].prepare_value(self.cleaned_data["known_at"]) or "")

    @property
    def is_past(self) -> bool:
        return self.day < self.today

    @property
    def query(self) -> str:
        """What keeps a link on the same day; empty today."""
        return f"?known_at={self.day.isoformat()}" if self.is_past else ""
