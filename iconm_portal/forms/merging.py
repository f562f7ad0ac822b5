"""Two people on one draft: which of what was typed still stands after somebody else saved. Pure texts, no Django.

Three states of every field are compared: what the page was made from (`seen`), what was typed on it, and what is
stored now. Nothing typed is dropped and nothing stored is overwritten without the person knowing.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile to something other than what was typed.

    `is_taken_over`: the person had left the field as it was, so that the stored text now stands in it. Otherwise
    both changed it, the typed text stays, and the person chooses.
    """

    typed: str
    stored: str
    is_taken_over: bool


def merge(*, seen: Texts, typed: Texts, now: Texts) -> tuple[dict[str, str], dict[str, Difference]]:
    """The texts to put into the fields, and the fields that need the person's attention; both by field name.

    The names are those of `now`. A name that `seen` lacks counts as changed by both.
    """
    fields: dict[str, str] = {}
    differences: dict[str, Difference] = {}
    for name, stored in now.items():
        mine = typed.get(name, "")
        untouched = name in seen and is_same(mine, seen[name])
        changed_by_others = name not in seen or not is_same(stored, seen[name])
        fields[name] = stored if untouched else mine
        if changed_by_others and not is_same(mine, stored):
            differences[name] = Difference(mine, stored, untouched)
    return fields, differences


def is_same(one: str, other: str) -> bool:
    """Whether two typed texts mean the same: 1,000 is １０００, and lines may end in either way."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> Decimal | str:
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        number = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return "\n".join(plain.splitlines())
    return number if number.is_finite() else plain
