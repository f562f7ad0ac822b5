"""Where an entry sheet that left the portal came from: which draft, in which state, with what stored in it then.

It travels inside the file, sealed, so that a sheet that comes back can be held against what it was made from, and so
that one whose origin was changed by hand is told apart.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.core import signing

TEMPLATE: Final = "kpi-entry-1"
"""The version of the form. Raise it when a column changes its meaning."""

_SIGNER = signing.Signer(salt="kpi.entry_sheet")


@dataclass(frozen=True, slots=True)
class StoredLine:
    """What was stored for one indicator, as the texts that stand in its fields (`kpi.reports.entry_forms.line_texts`)."""

    code: str
    name: str
    unit: str
    value: str
    certainty: str
    note: str

    @property
    def texts(self) -> Mapping[str, str]:
        """By field name."""
        return {"value": self.value, "certainty": self.certainty, "note": self.note}


@dataclass(frozen=True, slots=True)
class Origin:
    """The draft and its state. `as_of` is an ISO date, `fiscal_year` the Western year in which it starts."""

    template: str
    center: str
    plan: str
    fiscal_year: str
    report: str
    version: str
    as_of: str
    lines: tuple[StoredLine, ...]

    def seal(self) -> str:
        """A digest over all of it, signed with the portal's key."""
        return _SIGNER.sign(self._digest())

    def is_sealed_by(self, seal: str) -> bool:
        """Whether the portal itself gave this seal to exactly this."""
        try:
            return _SIGNER.unsign(seal) == self._digest()
        except signing.BadSignature:
            return False

    def line(self, code: str) -> StoredLine | None:
        """Of an indicator; None where the sheet was made without it."""
        return next((line for line in self.lines if line.code == code), None)

    def _digest(self) -> str:
        plain: dict[str, Any] = asdict(self)
        return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
