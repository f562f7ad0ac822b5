"""Fetching the pages of a day, as each person sees them in each language, and holding what they say against what is true."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from random import Random
from typing import Any

import time_machine
from django.core import mail
from django.core.management import call_command
from django.test import Client

from agreements.duties import duty_status
from agreements.duties.sheets import duties_sheet
from agreements.pages import overview, overview_sheets
from iconm_portal.display.sheets.model import FormSheet
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.plans import tokyo
from tests.generated.chronicle_log import Log
from tests.generated.frame import INDICATORS, fiscal_year
from tests.generated.pages import papers
from tests.generated.pages.agreements import AGREEMENT, AGREEMENTS, VERIFICATIONS, OnAgreements
from tests.generated.pages.corrections import CORRECTIONS
from tests.generated.pages.duties import CALENDAR, OnCalendar
from tests.generated.pages.grammar import Fault, Grammar
from tests.generated.pages.home import PLAN, PLANS_PAGE, OnHome, OnPlan
from tests.generated.pages.indicator import INDICATOR, OnIndicator
from tests.generated.pages.land import LAND, LANDS
from tests.generated.pages.money import BALANCE, CONTRIBUTIONS, SUPPORT, OnMoney
from tests.generated.pages.tasks import HOME, Mails
from tests.generated.pages.values import OnDay
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import ALONE, Agreements
from tests.generated.reckoned_kpis import Kpis
from tests.people import client_of

LANGUAGES = ("ja", "en")


@dataclass(frozen=True)
class Address:
    """A page, the grammar by which it is read, and what the reading of it knows beside the day."""

    path: str
    grammar: Grammar
    on: Callable[..., Any]
    more: tuple[tuple[str, Any], ...] = ()
    is_one_of_many: bool = False  # a page of which there are many alike


@dataclass(frozen=True, slots=True)
class FalseSentence:
    """A false sentence, with everything that finds it again."""

    seed: int
    day: date
    known_on: date
    page: str
    reader: str
    language: str
    fault: Fault

    def __str__(self) -> str:
        past = f", as known on {self.known_on}" if self.known_on != self.day else ""
        return f"seed {self.seed}, {self.day}{past}, {self.page} for {self.reader} in {self.language}:\n    {self.fault}"


def addresses(log: Log, day: date, today: date) -> Iterator[Address]:
    """Every page that is read, as far as it is there on the day."""
    kpis = Kpis(log, day)
    yield Address("", HOME, OnHome)
    yield Address("kpi/", PLANS_PAGE, OnHome)
    yield Address("finance/", BALANCE, OnMoney)
    yield Address("support/free-land/", LAND, OnAgreements)
    if day == today:  # pages of the present only
        yield Address("agreements/", AGREEMENTS, OnAgreements)
        for code in ALONE:
            yield Address(f"agreements/{code}/", AGREEMENT, OnAgreements, (("code", code),))
        yield Address("verifications/", VERIFICATIONS, OnAgreements)
        yield Address("standing/", CORRECTIONS, OnDay)
        yield Address("land/", LANDS, OnAgreements)
        yield Address(f"calendar/{fiscal_year(day)}/", CALENDAR, OnCalendar)
    yield Address("finance/contributions/", CONTRIBUTIONS, OnMoney)
    yield Address("support/", SUPPORT, OnMoney)
    for plan in kpis.plans:
        yield Address(f"kpi/{plan}/", PLAN, OnPlan, (("plan", plan),))
        for one in INDICATORS[plan]:
            more = (("plan", plan), ("indicator", one.code))
            yield Address(f"kpi/{plan}/{one.code}/", INDICATOR, OnIndicator, more, is_one_of_many=True)


@dataclass
class Readers:
    """The people who read at a center. `thorough`: everybody reads every page in each language; otherwise somebody does."""

    center: str
    people: dict[str, User]
    random: Random
    thorough: bool = False
    mails: Mails = field(default_factory=Mails)

    def read(
        self,
        log: Log,
        *,
        seed: int,
        today: date,
        known_on: date | None = None,
        paths: Collection[str] | None = None,
    ) -> Iterator[FalseSentence]:
        """Everything false that the pages (or those of these paths) say on the day, or say of an earlier one."""
        day = known_on or today
        query = f"?known_at={day}" if day != today else ""
        with time_machine.travel(tokyo(today, 23), tick=False):
            clients = {role: client_of(person) for role, person in self.people.items()}
            reckoned: dict[str, Any] = {}
            for address in addresses(log, day, today):
                if paths is not None and address.path not in paths:
                    continue
                for role, language in self._who(address):
                    path = f"/{self.center}/{address.path}{query}"
                    html = fetched(clients[role], path, language)
                    fields = dict(address.more) | {"reckoned": reckoned}
                    on = address.on(log, day, today, language, role, self.center, **fields)
                    for fault in address.grammar.faults(on, html, language):
                        yield FalseSentence(seed, today, day, path, role, language, fault)

    def read_mails(
        self, log: Log, sent: Collection[Any], *, seed: int, today: date
    ) -> Iterator[FalseSentence]:
        """Everything false in the mails that were sent in the night to the staff of both sides."""
        staff = {person.email: role for role, person in self.people.items() if role.endswith("-staff")}
        bodies = {staff[one.to[0]].partition("-")[0]: str(one.body) for one in sent if one.to[0] in staff}
        for why in self.mails.faults(Agreements(log, today), bodies):
            fault = Fault("the mails of the night", why)
            yield FalseSentence(seed, today, today, self.center, "staff", "ja", fault)

    def read_papers(self, log: Log, *, seed: int, today: date, day: date) -> Iterator[FalseSentence]:
        """Everything false in the pack's sheets as of a day, made today."""
        with time_machine.travel(tokyo(today, 23), tick=False):
            sheets = sheets_of(self.center, day)
        for name, why in papers.faults(Agreements(log, day), Day(log, day), sheets):
            yield FalseSentence(
                seed, today, day, f"{self.center}, sheet of {name}", "all", "ja", Fault(name, why)
            )

    def _who(self, address: Address) -> list[tuple[str, str]]:
        """Who reads the page in which language."""
        if self.thorough:
            return [(role, language) for role in self.people for language in LANGUAGES]
        if address.is_one_of_many and self.random.random() < 0.7:
            return []
        return [(self.random.choice(list(self.people)), language) for language in LANGUAGES]


def sheets_of(center: str, day: date) -> dict[str, list[dict[str, Any]]]:
    """The pack's sheets of duties and verifications, made of what is known at the end of the day: rows by the heads."""
    of, year = Center.objects.get(code=center), FiscalYear.of(day)
    duties = duty_status.load(of, year, known_at=day)
    verified = overview.verifications(of, known_at=day)
    made = {
        "duties": duties_sheet(of, year, duties, known_at=day),
        "verifications": overview_sheets.verifications_sheet(of, verified, known_at=day),
    }
    return {name: list(_rows_of(sheet)) for name, sheet in made.items()}


def _rows_of(sheet: FormSheet) -> Iterator[dict[str, Any]]:
    heads = [str(cell.value) for cell in sheet.heading[0]]
    for row in sheet.body:
        yield dict(zip(heads, [cell.value for cell in row], strict=True))


def mails_of_the_night(today: date) -> list[Any]:
    """What is sent at the end of the day, of every center."""
    mail.outbox.clear()
    with time_machine.travel(tokyo(today, 23), tick=False):
        call_command("send_reminders", stdout=StringIO(), stderr=StringIO())
    return list(mail.outbox)


def fetched(client: Client, path: str, language: str) -> str:
    client.cookies["django_language"] = language
    response = client.get(path)
    if response.status_code != 200:
        raise AssertionError(f"{path}: {response.status_code}")
    return response.content.decode()
