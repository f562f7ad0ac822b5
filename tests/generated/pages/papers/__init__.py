"""The committee's pack as it is downloaded: what each of its sheets may say, sheet by sheet."""

from collections.abc import Iterator
from datetime import date

from tests.generated.chronicle_log import Log
from tests.generated.pages.papers import agreements, kpis, support
from tests.generated.pages.papers import money as balance
from tests.generated.pages.papers.book import sheet_of
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import Agreements
from tests.generated.reckoned_kpis import Kpis
from tests.generated.reckoned_land import Land
from tests.generated.reckoned_money import Money
from tests.readers.pack_reading import opened, table

Faults = Iterator[tuple[str, str]]


def faults(log: Log, day: date, data: bytes | None) -> Faults:
    """What is wrong, by the sheet. Without anything known there is no pack."""
    true, money = Kpis(log, day), Money(log, day)
    is_known = bool(true.plans or money.years or money.granted)
    if is_known != bool(data):
        yield "表紙", f"something is known: {is_known}, and there is a pack: {bool(data)}"
    if not data:
        return
    book, agreed, land = opened(data), Agreements(log, day), Land(log, day)
    readers = {
        kpis.TARGETS: lambda sheet: kpis.targets_faults(true, sheet),
        kpis.ACHIEVEMENT: lambda sheet: kpis.achievement_faults(true, sheet),
        balance.BALANCE: lambda sheet: balance.faults(true, money, sheet),
        support.SUPPORT: lambda sheet: support.faults(agreed, land, money, sheet),
        agreements.DUTIES: lambda sheet: agreements.duties_faults(agreed, Day(log, day), sheet),
        agreements.VERIFICATIONS: lambda sheet: agreements.verifications_faults(agreed, land, sheet),
    }
    for name, reader in readers.items():
        if name not in book.sheetnames:
            continue
        try:
            yield from ((name, why) for why in reader(sheet_of(book[name])))
        except (LookupError, ValueError, TypeError) as error:
            yield name, f"cannot be read: {error!r}"
    if balance.BALANCE_DATA in book.sheetnames:
        rows = table(book, balance.BALANCE_DATA)
        yield from ((balance.BALANCE_DATA, why) for why in balance.data_faults(money, rows))
    rows = table(book, support.SUPPORT_DATA)
    yield from ((support.SUPPORT_DATA, why) for why in support.data_faults(agreed, land, money, rows))
    if kpis.TARGETS_DATA in book.sheetnames:
        data_of = [table(book, name) for name in (kpis.TARGETS_DATA, kpis.ACHIEVEMENT_DATA)]
        yield from (("データ", why) for why in kpis.data_faults(true, *data_of))
