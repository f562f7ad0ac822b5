"""The history's ledger (`tests.generated.chronicle`): what was drawn of the contribution, taken back, written anew, and closed."""

from datetime import date, datetime, timedelta

from finance.ledger import actions as ledger
from finance.ledger import closing_actions
from finance.ledger.posting import NewEntry
from finance.models import Account, Entry
from iconm_portal.values.fiscal import FiscalYear
from tests.generated.chronicle_log import ClosingStep, EntryStep
from tests.generated.frame import GRANT_YEARS
from tests.generated.pen import Pen, Steps
from tests.generated.reckoned_money import GRANT, Money

YEARS = range(GRANT_YEARS[0], GRANT_YEARS[1] + 1)


class OfLedger(Pen):
    """Lines on the account that receives the contribution."""

    def _ledger(self, year: int) -> Steps[None]:
        """Of some years a ledger is kept. What is drawn comes in parts; it is closed after the year, and sometimes reopened."""
        if self.random.random() < 0.4:
            return
        for part in range(self.random.randint(1, 3)):
            self.begin(self._line(year, date(year, 5 + part * 3, 10)))
        at = yield self._on(self._later(date(year + 1, 4, 20), 60))
        for _closing in range(self.random.choice([0, 1, 1, 2])):
            closing_actions.close_year(
                center=self.center, fiscal_year=FiscalYear(year), by=self.foundation, at=at
            )
            self.log.closings.append(ClosingStep(year, True, self._day(at)))
            if self.random.random() < 0.6:
                return
            at = yield self._on(self._later(self._day(at) + timedelta(days=5), 200), after=at)
            closing_actions.reopen_year(
                center=self.center, fiscal_year=FiscalYear(year), reason="記帳漏れ", by=self.city, at=at
            )
            self.log.closings.append(ClosingStep(year, False, self._day(at)))
            self.begin(self._line(year, self._day(at)))
            at = yield self._on(self._later(self._day(at) + timedelta(days=30), 30), after=at)

    def _line(self, year: int, day: date) -> Steps[None]:
        """Posted; some are reversed, some corrected. What would pass the total is refused, and a closed year takes none."""
        at = yield self._on(self._later(day))
        granted = Money(self.log, self._day(at)).granted.get(year, 30_000_000)
        parts = [granted, granted // 2, granted // 3 // 1000 * 1000, 12_345_000]
        posted = self._posted(year, self.random.choice(parts), at)
        if posted is None or self.random.random() < 0.5:
            return
        at = yield self._on(self._later(self._day(at), 90), after=at)
        if (
            self.random.random() < 0.4
        ):  # paid back in part (返納): a line of its own, which may be taken back like any other
            posted = self._posted(year, -(posted.amount // 3000 * 1000), at)
            if posted is None or self.random.random() < 0.5:
                return
            at = yield self._on(self._later(self._day(at), 90), after=at)
        if self.random.random() < 0.5:
            red = self.tried(ledger.reverse, entry=posted, reason="二重記帳", by=self.foundation, at=at)
            if red is not None:
                self._entered(year, red.amount, at)
            return
        new = self._new(year, self.random.choice(parts), at)
        black = self.tried(
            ledger.correct, entry=posted, new=new, reason="金額の誤り", by=self.foundation, at=at
        )
        if black is not None:
            self._entered(year, -posted.amount, at)
            self._entered(year, black.amount, at)

    def _posted(self, year: int, yen: int, at: datetime) -> Entry | None:
        entry = self.tried(
            ledger.post, center=self.center, new=self._new(year, yen, at), by=self.foundation, at=at
        )
        if entry is not None:
            self._entered(year, entry.amount, at)
        return entry

    def _new(self, year: int, yen: int, at: datetime) -> NewEntry:
        day = min(self._day(at), date(year + 1, 3, 31))
        account = Account.objects.get(center=self.center, code=GRANT)
        return NewEntry(day, account, amount=yen, description=f"{at:%F}の入金")

    def _entered(self, year: int, yen: int, at: datetime) -> None:
        self.log.entries.append(EntryStep(year, yen, self._day(at)))
