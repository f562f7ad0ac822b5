"""The fields through which files come in. Each is looked at in one place (`iconm_portal/forms/inspection`) as it is sent.

`tests/repository/test_file_doors.py` finds a field that would let one in without it.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from iconm_portal.forms.inspection import texts
from iconm_portal.forms.inspection.inspecting import CheckedFile, inspect
from iconm_portal.forms.inspection.kinds import ALL, FileKind
from iconm_portal.forms.inspection.refusals import EVIDENCE, Limits, Refusal, UploadRefused
from iconm_portal.values.text import listed


class OutsideFileField(forms.FileField):
    """A file from outside. Its subclasses say which kinds they take, and how much of one."""

    kinds: Iterable[FileKind] = ALL
    several = False

    def __init__(self, **kwargs: Any) -> None:
        attrs: dict[str, Any] = {"accept": ",".join(f".{kind}" for kind in self.kinds)}
        widget = (
            FilesInput(attrs={**attrs, "multiple": True}) if self.several else forms.FileInput(attrs=attrs)
        )
        super().__init__(widget=widget, **kwargs)

    @property
    def limits(self) -> Limits:
        """How much it may hold."""
        return replace(EVIDENCE, bytes=settings.EVIDENCE_MAX_BYTES)

    def looked_at(self, uploaded: UploadedFile) -> Any:
        """The file, if it may come in. ValidationError with the reason, and what to do."""
        try:
            return self.inspected(uploaded)
        except UploadRefused as refused:
            raise ValidationError(self.refusal_text(refused), code=str(refused.code)) from refused

    def inspected(self, uploaded: UploadedFile) -> Any:
        """The checked file. UploadRefused."""
        return inspect(uploaded, self.kinds, self.limits)

    @staticmethod
    def refusal_text(refused: UploadRefused) -> str:
        """Why the file is not taken, and what to do."""
        return texts.refusal(refused.code, refused.params)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The checked file; None where none was chosen."""
        if not data:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return self.looked_at(data)


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class DocumentField(OutsideFileField):
    """One file as evidence."""


class EvidenceField(OutsideFileField):
    """Any number of files as evidence."""

    several = True

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:
        """The checked files. ValidationError with one message per refused file."""
        if not data and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        checked, refused = [], []
        for uploaded in data or []:
            try:
                checked.append(self.looked_at(uploaded))
            except ValidationError as error:
                refused.append(ValidationError(_named(uploaded, error), code=error.code))
                # Nor will the scanner answer for the others, and each would wait for it.
                if error.code == Refusal.NOT_SCANNED:
                    break
        if refused:
            raise ValidationError([*refused, *_not_kept(checked)])
        return checked


def _not_kept(checked: Iterable[CheckedFile]) -> list[ValidationError]:
    """That the others of the same choice are not kept either: a browser does not send them again by itself."""
    names = listed(file.name for file in checked)
    said = _(
        "In order, but not kept either, since one of the files was refused; choose them again: %(names)s"
    )
    return [ValidationError(said % {"names": names}, code="not_kept")] if names else []


def _named(uploaded: UploadedFile, error: ValidationError) -> str:
    """Which of several it is about."""
    name = uploaded.name or ""
    said = " ".join(error.messages)
    return said if name in said else f"{name}: {said}"
