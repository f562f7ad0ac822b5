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

from agreements.duties import feed_actions
from iconm_portal.models import User
from tests.builders.plans import tokyo
from tests.generated.chronicle_log import Log
from tests.generated.frame import INDICATORS, STARTS, fiscal_year
from tests.generated.pages import feed, papers
from tests.generated.pages.agreements import AGREEMENT, AGREEMENTS, VERIFICATIONS, OnAgreements
from tests.generated.pages.corrections import CORRECTIONS
from tests.generated.pages.duties import CALENDAR, OnCalendar
from tests.generated.pages.duty import DUTY, OnDuty
from tests.generated.pages.grammar import Fault, Grammar
from tests.generated.pages.home import PLAN, PLANS_PAGE, OnHome, OnPlan
from tests.generated.pages.indicator import INDICATOR, OnIndicator
from tests.generated.pages.land import LAND, LANDS
from tests.generated.pages.money import BALANCE, CONTRIBUTIONS, SUPPORT, OnMoney
from tests.generated.pages.statements import (
    SEEN_BY,
    STATEMENT,
    STATEMENTS,
    YEAR_OF_MONEY,
    OnStatement,
    papers_of,
)
from tests.generated.pages.tasks import HOME, Mails
from tests.generated.pages.traceability import TRACE, TRACES, OnTrace
from tests.generated.pages.values import OnDay
from tests.generated.pages.verification import VERIFICATION, OnVerification
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import ALIVE, ALONE, JOINT, Agreements
from tests.generated.reckoned_kpis import Kpis
from tests.people import client_of

LANGUAGES = ("ja", "en")
FEW = 0.1
"""Of pages of which there are very many so many are read, four times as many in the long form."""


@dataclass(frozen=True)
class Address:
    """A page, the grammar by which it is read, and what the reading of it knows beside the day."""

    path: str
    grammar: Grammar
    on: Callable[..., Any]
    more: tuple[tuple[str, Any], ...] = ()
    chance: float = 1  # how often it is read, of pages of which there are many alike
    is_for: tuple[str, ...] = ()  # the roles that find it; everybody where none is named


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
        yield from _verifications(Agreements(log, day))
        yield from _duties(Agreements(log, day))
        yield Address("finance/statements/", STATEMENTS, OnStatement)
        yield from _statements(log, day)
    yield Address("finance/contributions/", CONTRIBUTIONS, OnMoney)
    yield Address("support/", SUPPORT, OnMoney)
    for year in Day(log, day).money_years():
        yield Address(f"finance/{year}/", YEAR_OF_MONEY, OnStatement, (("of", year),), FEW)
    for plan in kpis.plans:
        yield Address(f"kpi/{plan}/", PLAN, OnPlan, (("plan", plan),))
        for one in INDICATORS[plan]:
            more = (("plan", plan), ("indicator", one.code))
            yield Address(f"kpi/{plan}/{one.code}/", INDICATOR, OnIndicator, more, chance=0.3)


STAFF = ("foundation-staff", "city-staff")


def _verifications(true: Agreements) -> Iterator[Address]:
    """Those that are settled, and for the staff of both sides those that are on their way or can begin."""
    for kind in (*JOINT, "effect"):
        for year in true.years_to_verify(kind):
            step = true.verification(kind, year)
            is_for = () if step and step.state == "accepted" else STAFF
            if step is None and (true.state("basic") not in ALIVE):
                continue
            path, more = f"verifications/{kind}/{year}/", (("kind", kind), ("of", year))
            yield Address(path, VERIFICATION, OnVerification, more, FEW, is_for)


def _duties(true: Agreements) -> Iterator[Address]:
    """One by one, and by year and agreement."""
    if true.state("basic") != "draft":
        for obligation, year in true.duties:
            more = (("obligation", obligation), ("of", year))
            yield Address(f"calendar/{year}/basic/{obligation}/", DUTY, OnDuty, more, FEW / 2)
    yield Address("traceability/", TRACES, OnTrace)
    last = min(true.running + 1, fiscal_year(true.last_day("basic") or date.max))
    for year in range(fiscal_year(STARTS), last + 1):
        more = (("code", "basic"), ("of", year))
        yield Address(f"traceability/basic/{year}/", TRACE, OnTrace, more, FEW)


def _statements(log: Log, day: date) -> Iterator[Address]:
    for key, step in papers_of(log, day).items():
        year, stage, supplement, revision = key
        slug = f"{stage}-{supplement}" if supplement > 1 else stage
        more = (("of", year), ("stage", stage), ("supplement", supplement), ("revision", revision))
        path = f"finance/statements/{year}/{slug}/{revision}/"
        yield Address(path, STATEMENT, OnStatement, more, FEW, SEEN_BY[step.state])


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
                for role, language in self._who(address, is_named=paths is not None):
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

    def read_feeds(self, log: Log, *, seed: int, today: date) -> Iterator[FalseSentence]:
        """Everything false in the calendars to which people subscribe; each lasts for the one reading."""
        roles = list(self.people) if self.thorough else [self.random.choice(list(self.people))]
        for role in roles:
            with time_machine.travel(tokyo(today, 23), tick=False):
                secret = feed_actions.issue(by=self.people[role], at=tokyo(today, 23))
                response = Client().get(f"/calendar/{secret}.ics")
                feed_actions.revoke(by=self.people[role], at=tokyo(today, 23))
            true = Agreements(log, today)
            for why in feed.faults(true, role, self.center, response.content):
                page = f"the calendar of {self.center}"
                yield FalseSentence(seed, today, today, page, role, "ja", Fault("the calendar", why))

    def read_papers(self, log: Log, *, seed: int, today: date, day: date) -> Iterator[FalseSentence]:
        """Everything false in the pack's sheets as of a day, downloaded today."""
        with time_machine.travel(tokyo(today, 23), tick=False):
            path = f"/{self.center}/packs/committee.xlsx?as_of={day}"
            response = client_of(self.people["city-viewer"]).get(path)
        data = response.content if response.status_code == 200 else None
        for name, why in papers.faults(log, day, data):
            place = f"{self.center}, sheet {name}"
            yield FalseSentence(seed, today, day, place, "all", "ja", Fault(name, why))

    def _who(self, address: Address, *, is_named: bool) -> list[tuple[str, str]]:
        """Who reads the page in which language; one that is asked for by its name is read in any case."""
        roles = [one for one in self.people if not address.is_for or one in address.is_for]
        if self.thorough and (is_named or address.chance > FEW):
            return [(role, language) for role in roles for language in LANGUAGES]
        if not is_named and self.random.random() > (4 * address.chance if self.thorough else address.chance):
            return []
        return [(self.random.choice(roles), language) for language in LANGUAGES]


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
