"""The preview of a filled-in sheet as its page shows it: findings in words, rows with their choices and warnings."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from iconm_portal.models import HistoryEvent, StoredFile, User
from kpi.models import Report
from kpi.reports.entry import names
from kpi.reports.entry_lines import Line
from kpi.reports.upload.comparison import FILE, STORED, Choices, Comparison, Difference
from kpi.value_sources import check_messages


def earlier_uploads(report: Report, user: User) -> list[StoredFile]:
    """The files that the person uploaded for the report, the latest first."""
    events = HistoryEvent.objects.filter(
        subject=report.history_key(), action="report.upload", actor=user.username
    )
    digests = list(events.values_list("after__sha256", flat=True))
    mine = StoredFile.objects.filter(center=report.plan.center, uploaded_by=user, sha256__in=digests)
    return list(mine.order_by("-pk"))


@dataclass(frozen=True, slots=True)
class Row:
    """A field in which file and draft differ; `chosen` is what the person chose so far."""

    difference: Difference
    chosen: str

    @property
    def is_file_chosen(self) -> bool:
        return self.chosen == FILE

    @property
    def is_stored_chosen(self) -> bool:
        return self.chosen == STORED


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one indicator, or of the whole report, and what the entry page would say about the result."""

    line: Line | None
    rows: list[Row]
    warnings: list[str]


@dataclass(frozen=True)
class Shown:
    """The comparison with what the person chose so far."""

    comparison: Comparison
    choices: Choices

    @cached_property
    def groups(self) -> list[Group]:
        """In the order of the sheet."""
        return list(self._groups())

    def _groups(self) -> Iterator[Group]:
        found, as_of = self.comparison, self.comparison.as_of(self.choices)
        if found.head:
            year = found.sheet.report.fiscal_year
            yield Group(None, self._rows(found.head), check_messages.sheet_warning_texts(as_of, year))
        for line in found.lines:
            yield Group(line.line, self._rows(line.differences), line.warnings(self.choices, as_of))

    def _rows(self, differences: tuple[Difference, ...]) -> list[Row]:
        return [Row(one, self.choices.get(one.key, "")) for one in differences]

    @property
    def finding(self) -> str:
        """What applying would do, in words."""
        found = self.comparison
        if not found.differences:
            return _("The file says the same as the draft. There is nothing to apply.")
        if not found.is_to_apply:
            return _("The file changes nothing. What differs was changed in the portal after the download.")
        taken, disputed = len(found.taken), len(found.disputed)
        parts = []
        if taken:
            text = ngettext("%(number)s field would change.", "%(number)s fields would change.", taken)
            parts.append(text % {"number": taken})
        if disputed:
            text = ngettext(
                "%(number)s field was changed on both sides: you choose.",
                "%(number)s fields were changed on both sides: you choose.",
                disputed,
            )
            parts.append(text % {"number": disputed})
        return " ".join(parts)

    @property
    def kept_text(self) -> str:
        """That fields changed in the portal after the download stay as they are; empty where there are none."""
        number = len(self.comparison.kept)
        if not number:
            return ""
        return ngettext(
            "%(number)s field was changed in the portal after the download and not in the file: it stays.",
            "%(number)s fields were changed in the portal after the download and not in the file: they stay.",
            number,
        ) % {"number": number}

    @property
    def missing_text(self) -> str:
        """The indicators without a row in the file; empty where all have one."""
        missing = self.comparison.missing
        return (
            _("Not in the file, so left as stored: %(names)s") % {"names": names(missing)} if missing else ""
        )

    @property
    def undecided(self) -> list[Difference]:
        """What has still to be chosen."""
        return self.comparison.undecided(self.choices)
