"""The history's money (`tests.generated.chronicle`): budgets, supplementary ones, forecasts, settlements and corrections,
and what the city granted."""

from datetime import date, datetime
from typing import Any

from agreements.models import AmountStage, SupportMeasure
from agreements.support.actions import record_amount
from finance.models import RecordedUnit, Stage, Statement
from finance.statements import actions as statement_actions
from finance.statements import draft_actions
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import entered as lines_of
from tests.generated.chronicle_log import StatementKnown
from tests.generated.pen import Pen, Steps

GRANT = "city-grant"
"""The account that receives the contribution."""


class OfMoney(Pen):
    """Statements and contributions."""

    measure: SupportMeasure

    def _amounts(self, year: int) -> dict[str, int]:
        """Some accounts only; a part never exceeds its whole."""
        leaves = ["rent", "other", "research"] + (["building", "support"] if year >= 2022 else ["running"])
        found = {code: 1000 * self.random.randint(0, 900) for code in leaves if self.random.random() < 0.8}
        found["research-income"] = 1000 * self.random.randint(
            20, 300
        )  # around the targets of what is taken from it
        if self.random.random() < 0.5:
            found["indirect"] = found["research-income"] // 10_000 * 1000
        granted = [yen for of, yen, _known in self.log.support if of == year]
        if granted and self.random.random() < 0.7:  # drawn as granted, or less
            found[GRANT] = granted[-1] - self.random.choice([0, 0, 0, 1_000_000])
        return found

    def _budget(self, year: int) -> Steps[None]:
        """Decided before the year; sometimes corrected or supplemented within it, and the forecast at its end."""
        statement = yield from self._started(year, Stage.BUDGET, date(year, 2, 15))
        yield from self._decided(statement, date(year, 2, 20))
        if self.random.random() < 0.3:
            corrected = yield from self._corrected(statement, date(year, 3, 10))
            yield from self._decided(corrected, date(year, 3, 12))
        for number in range(self.random.choice([0, 0, 1, 2])):
            supplementary = yield from self._started(year, Stage.SUPPLEMENTARY, date(year, 10 + number, 1))
            yield from self._decided(supplementary, date(year, 10 + number, 10))
        if self.random.random() < 0.5:
            forecast = yield from self._started(year, Stage.FORECAST, date(year + 1, 1, 10))
            yield from self._accepted(forecast, date(year + 1, 1, 20))

    def _grants(self, year: int) -> Steps[None]:
        """What the city grants, recorded before or within the year and raised sometimes; what passes the total is refused."""
        yen, known = self.random.randint(1, 9) * 10**7, self._later(date(year, 3, 1), 60)
        for _revision in range(self.random.choice([0, 1, 1, 2, 3])):
            at = yield self._on(known)
            made = self.tried(
                record_amount,
                measure=self.measure,
                fiscal_year=FiscalYear(year),
                stage=AmountStage.BUDGET,
                amount=yen,
                seen=self.measure.amounts.count(),
                reason="改定",
                by=self.city,
                at=at,
            )
            if made is not None:
                self.log.support.append((year, yen, self._day(at)))
            yen, known = self.random.choice([yen, yen * 2]), self._later(self._day(at), 40)

    def _settlement(self, year: int) -> Steps[None]:
        """Not of every year; some are late, some are corrected."""
        if self.random.random() < 0.15:
            return
        month = self.random.choice([5, 5, 5, 9])
        statement = yield from self._started(year, Stage.SETTLEMENT, date(year + 1, month, 20))
        is_accepted = yield from self._accepted(statement, date(year + 1, month, 25))
        if is_accepted and self.random.random() < 0.5:
            corrected = yield from self._corrected(statement, date(year + 1, month + 3, 1))
            yield from self._accepted(corrected, date(year + 1, month + 3, 2))

    def _paper(self, statement: Statement) -> tuple[object, ...]:
        of_stage = (str(statement.stage), statement.supplement, statement.revision)
        return "statement", statement.fiscal_year.start, *of_stage

    def _started(self, year: int, stage: Stage, day: date) -> Steps[Statement]:
        at = yield self._on(day)
        made = draft_actions.start(
            center=self.center,
            fiscal_year=FiscalYear(year),
            stage=stage,
            unit=RecordedUnit.THOUSAND,
            by=self.foundation,
            at=at,
        )
        self.note(self._paper(made), "draft", at, self.foundation)
        return made

    def _corrected(self, statement: Statement, day: date) -> Steps[Statement]:
        at = yield self._on(day)
        made = draft_actions.start_correction(statement=statement, reason=f"{day}の訂正", by=self.foundation)
        self.note(self._paper(made), "draft", at, self.foundation)
        return made

    def _filled(self, statement: Statement, at: datetime) -> dict[str, int]:
        """Handed in; without the contribution where that would pass its total."""
        yen = self._amounts(statement.fiscal_year.start)
        if self._submitted(statement, yen, at) is None:
            statement.refresh_from_db()
            yen.pop(GRANT)
            self._submitted(statement, yen, at)
        self.note(self._paper(statement), "submitted", at, self.foundation)
        return yen

    def _submitted(self, statement: Statement, yen: dict[str, int], at: datetime) -> Statement | None:
        return self.tried(
            statement_actions.save_and_submit,
            statement=statement,
            version=statement.version,
            content=draft_actions.Content(lines_of(self.center, yen)),
            by=self.foundation,
            at=at,
        )

    def _decided(self, statement: Statement, day: date) -> Steps[None]:
        at = yield self._on(day)
        yen = self._filled(statement, at)
        at = yield self._on(self._later(day, 4), after=at)
        statement_actions.decide(
            statement=statement, version=statement.version, consultation=self.talk, by=self.foundation, at=at
        )
        self._settled_statement(statement, yen, at)

    def _accepted(self, statement: Statement, day: date) -> Steps[bool]:
        """Perhaps returned before, with other amounts; not accepted where more was drawn of the contribution meanwhile."""
        at = yield self._on(day)
        yen = self._filled(statement, at)
        if self.random.random() < 0.4:
            at = yield self._on(self._later(day, 5), after=at)
            open_: dict[str, Any] = {"statement": statement, "by": self.city, "at": at}
            statement_actions.open_review(version=statement.version, **open_)
            statement_actions.send_back(version=statement.version, text="？", **open_)
            self.note(self._paper(statement), "returned", at, self.city)
            at = yield self._on(self._later(self._day(at), 5), after=at)
            yen = self._filled(statement, at)
        at = yield self._on(self._later(self._day(at)), after=at)
        seen: dict[str, Any] = {"statement": statement, "by": self.city, "at": at}
        statement_actions.open_review(version=statement.version, **seen)
        if self.tried(statement_actions.accept, version=statement.version, **seen) is None:
            self.note(self._paper(statement), "in_review", at, self.city)
            return False
        self._settled_statement(statement, yen, at)
        return True

    def _settled_statement(self, statement: Statement, yen: dict[str, int], at: datetime) -> None:
        self.note(self._paper(statement), "accepted", at, self.city)
        self.log.statements.append(
            StatementKnown(
                statement.fiscal_year.start,
                str(statement.stage),
                statement.revision,
                yen,
                self._day(at),
                statement.reason,
                statement.supplement,
            )
        )
