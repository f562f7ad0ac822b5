"""What people type when they correct a settled plan's wording."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import VersionedForm
from kpi.models import Plan
from kpi.targets.corrections.corrections import Group, groups


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The fields of one thing."""

    group: Group
    fields: tuple[BoundField, ...]


class CorrectionForm(VersionedForm):
    """A reason, and every wording of the plan as it stands. What is left as it stands is not corrected."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any, *, plan: Plan, initial: Mapping[str, Any] | None = None) -> None:
        self.groups = groups(plan)
        items = [item for group in self.groups for item in group.items]
        super().__init__(data, initial={item.field: item.present for item in items} | dict(initial or {}))
        for item in items:
            self.fields[item.field] = forms.CharField(
                label=item.wording.label, max_length=item.longest, required=not item.may_be_blank
            )

    @property
    def field_groups(self) -> list[FieldGroup]:
        """The fields, thing by thing."""
        return [FieldGroup(group, tuple(self[item.field] for item in group.items)) for group in self.groups]

    def texts(self) -> dict[str, str]:
        """All wordings by field; of a valid form."""
        return {item.field: self.cleaned_data[item.field] for group in self.groups for item in group.items}
