"""The columns by which a row of an import names an account, and finding the one that it means in a year."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_noop

from finance.models import Account
from iconm_portal.imports.cell_values import Text
from iconm_portal.imports.reading.tables import Column
from iconm_portal.imports.specs import ReadRow
from iconm_portal.imports.texts import year_param
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed
from iconm_portal.values.written.letters import folded

CODE: Final = Column("code", ("科目コード", "Account code", "勘定科目コード", "コード", "Code"), Text(60))
NAME: Final = Column(
    "name", ("科目名", "Account", "科目", "勘定科目", "Account name"), Text(120), spreads=True
)
AMOUNT_HEADINGS: Final = (
    *(
        "金額",
        "Amount",
        "決算額",
        "予算額",
        "金額合計",
        "予算",
        "決算",
        "当初予算額",
        "当初予算",
        "補正予算額",
        "補正後予算額",
    ),
    *("補正後の額", "決算見込額", "決算見込"),
)

NO_ACCOUNT: Final = gettext_noop("Write the code or the name of the account.")
UNKNOWN_CODE: Final = gettext_noop(
    "There is no account with the code “%(code)s”. The template lists all codes."
)
UNKNOWN_NAME: Final = gettext_noop(
    "There is no account with the name “%(name)s”. The template lists all names."
)
NOT_IN_YEAR: Final = gettext_noop("“%(account)s” does not hold in %(year)s.")
SEVERAL: Final = gettext_noop(
    "Several accounts are called “%(name)s” in %(year)s. Write the code: %(codes)s."
)
DISAGREE: Final = gettext_noop("The code “%(code)s” belongs to “%(account)s”, not to “%(name)s”.")


class AccountFinder:
    """A center's accounts by code and by name."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_code: dict[str, Account] = {}
        self._by_short_code: dict[str, list[Account]] = defaultdict(list)
        self._by_name: dict[str, list[Account]] = defaultdict(list)
        self._by_bare_name: dict[str, list[Account]] = defaultdict(list)
        for account in accounts:
            self._by_code[folded(account.code)] = account
            self._by_short_code[_short(account.code)].append(account)
            for name in _names(account):
                self._by_name[name].append(account)
                self._by_bare_name[bare(name)].append(account)

    def find(self, row: ReadRow, year: FiscalYear) -> Account | None:
        """The account that the row names, if it holds in the year; otherwise None, and the row says why."""
        if not row.is_sound("code", "name"):
            return None
        code, name = row.get("code"), row.get("name")
        if not code and not name:
            row.error("code", NO_ACCOUNT)
            return None
        return self._of_code(row, code, name, year) if code else self._of_name(row, name, year)

    def knows(self, name: str) -> bool:
        """Whether an account is called so in any year."""
        return bool(self._called(name))

    def _called(self, name: str) -> list[Account]:
        """By its name as it is kept; else as tables write it, numbered and with other brackets (1　研究費〔受託〕※)."""
        return self._by_name.get(folded(name)) or self._by_bare_name.get(bare(folded(name)), [])

    def _of_code(self, row: ReadRow, code: str, name: str, year: FiscalYear) -> Account | None:
        account = self._by_code.get(folded(code))
        if account is None and len(shorter := self._by_short_code.get(_short(code), [])) == 1:
            account = shorter[0]
        if account is None:
            row.error("code", UNKNOWN_CODE, code=code)
            return None
        if name and account not in self._called(name):
            row.error("name", DISAGREE, code=code, account=account.name, name=name)
            return None
        if not account.is_valid_in(year):
            row.error("code", NOT_IN_YEAR, account=account.name, year=year_param(year))
            return None
        return account

    def _of_name(self, row: ReadRow, name: str, year: FiscalYear) -> Account | None:
        called = self._called(name)
        holding = [account for account in called if account.is_valid_in(year)]
        if not called:
            row.error("name", UNKNOWN_NAME, name=name)
        elif not holding:
            row.error("name", NOT_IN_YEAR, account=name, year=year_param(year))
        elif len(holding) > 1:
            codes = listed(account.code for account in holding)
            row.error("name", SEVERAL, name=name, year=year_param(year), codes=codes)
        else:
            return holding[0]
        return None


_NUMBERED: Final = re.compile(
    r"(?:\(?(?:[0-9]{1,2}|[ivx]{1,4}|[ア-ン])\)|[0-9]{1,2}[.、]?|[ivx]{1,4}[.、]?|[・○●■◆])(?=[^\x00-\x7f])"
)
_MARKS: Final = re.compile(r"(?:\([a-z](?:[-+=][a-z])*\)[-+=]?)+\Z")
_FOOTNOTE: Final = re.compile(r"(?:※|\*|\(?注)[0-9]*\)?\Z")
_BRACKETS: Final = str.maketrans("[]〔〕【】{}<>〈〉", "()" * 6)


def bare(name: str) -> str:
    """A folded name without its number (1 研究費, ①研究費), mark ((A)-(B)) and footnote (※1), brackets and dashes alike."""
    plain = re.sub(r"(?<=\w)ー(?=\d)|(?<=\d)ー", "-", name.translate(_BRACKETS))
    return _MARKS.sub("", _NUMBERED.sub("", _FOOTNOTE.sub("", plain), count=1)) or name


def _short(code: str) -> str:
    """Without the zeros that a spreadsheet takes away from a code it takes for a number (0101); dashes all alike."""
    plain = folded(code).replace("ー", "-")
    return plain.lstrip("0") if plain.isdecimal() else plain


def _names(account: Account) -> frozenset[str]:
    """What an account is called in tables, folded: a part of another one (内数) also as it is printed, うち and its name."""
    name = folded(account.name)
    return frozenset({name, f"うち{name}"} if account.within_id else {name})
