"""The history's register (`tests.generated.chronicle`): what was counted before it, what happened since, and what is taken back;
and from what the values of reports are taken."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from kpi.models import Category, IndicatorBasis, Measured, Plan, Record
from kpi.register import actions as register
from kpi.register.opening_balances import Scope
from kpi.register.possible import Facts
from kpi.value_sources.actions import Balance, set_opening_balance
from tests.builders.records import make_basis, make_category
from tests.generated.chronicle_log import RecordStep
from tests.generated.frame import COUNTED, TAKEN
from tests.generated.pen import Pen, Steps

OPENING_DAY = date(2022, 3, 31)
"""The register counts on from there."""


class OfRegister(Pen):
    """What is counted, and what stood before."""

    plans: dict[str, Plan]

    def _sources(self) -> None:
        """Of some indicators it was said from the beginning from what their values are taken."""
        for (plan, code), account in TAKEN.items():
            IndicatorBasis.objects.create(
                indicator=self.plans[plan].indicators.get(code=code),
                account=self.center.accounts.get(code=account),
                source="T3",
            )
        for (plan, code), category in COUNTED.items():
            self.category = make_category(self.center, category)
            make_basis(self.plans[plan].indicators.get(code=code), self.category)

    def _opening(self) -> Steps[None]:
        """The number that stood before the register, said in the plan's first year, and perhaps another one later."""
        value, seen = self.random.randint(80, 130), 0
        day = self._later(date(2022, 4, 10), 150)
        for _said in range(self.random.choice([0, 1, 1, 1, 2])):
            at = yield self._on(day)
            set_opening_balance(
                center=self.center,
                scope=Scope(category=self.category, measured=Measured.RECORDS),
                balance=Balance(value, OPENING_DAY, "事業報告書"),
                seen=seen,
                reason="数え直した",  # it may be less than what was accepted before
                by=self.foundation,
                at=at,
            )
            step = RecordStep(self.category.code, "opening", self._day(at), latest=OPENING_DAY, things=value)
            self.log.records.append(step)
            value, seen, day = value + self.random.randint(1, 9), seen + 1, self._later(self._day(at), 900)

    def _records(self, year: int) -> Steps[None]:
        """What happened in the year is written down soon or much later, some of it dated to the month or the year only; some
        is withdrawn."""
        for number in range(self.random.randint(0, 6)):
            happened = self._later(date(year, 4, 1), 330)
            self.begin(self._record(f"{year}年の{number}番目", happened))
        yield from ()

    def _record(self, title: str, happened: date) -> Steps[None]:
        at = yield self._on(self._later(happened + timedelta(days=3), self.random.choice([20, 60, 500])))
        ways = [str(happened)] * 4 + [f"{happened:%Y-%m}", f"{happened:%Y}"]
        things = self.random.choice([1, 1, 1, 2, 5])
        written = self.random.choice([one for one in ways if _last_day(one) <= self._day(at)])
        record = register.add(
            category=Category.objects.get(pk=self.category.pk),
            facts=Facts(title=title, happened=written, quantity=things),
            by=self.foundation,
            at=at,
        )
        self._recorded(record, "added", at)
        if self.random.random() < 0.2:
            at = yield self._on(self._later(self._day(at), 300), after=at)
            register.withdraw(record=record, version=record.version, reason="誤り", by=self.foundation, at=at)
            self._recorded(record, "withdrawn", at)

    def _recorded(self, record: Record, what: str, at: datetime) -> None:
        more: dict[str, Any] = {"number": record.number, "things": record.quantity}
        self.log.records.append(
            RecordStep(
                self.category.code,
                what,
                self._day(at),
                earliest=record.earliest,
                latest=record.latest,
                **more,
            )
        )


def _last_day(written: str) -> date:
    """Of a day, a month or a year."""
    parts = [int(part) for part in written.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
