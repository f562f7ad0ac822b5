"""The sections that a pack can have, in their usual order: what each prints, and which データ tables belong to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from agreements.duties import sheets as duty_sheets
from agreements.pages import fact_sheets, overview_sheets
from agreements.support import sheets as support_sheets
from finance.balance import sheets as money_sheets
from finance.balance.balance import Face
from iconm_portal.display.sheets import DataSheet, FormSheet
from kpi.indicators.occupancy import rates
from kpi.initiatives import initiatives
from kpi.initiatives import sheets as kpi_initiative_sheets
from kpi.papers import kgi_sheets
from kpi.papers.contents import Contents
from kpi.plans.tables import sheets, trend_sheets
from kpi.plans.tables.sheets import Definition
from kpi.register import sheets as register_sheets


@dataclass(frozen=True)
class Section:
    """A part of a pack; `title` is what the committee reads, in Japanese. Nothing to show: no sheets."""

    key: str
    title: str
    forms: Callable[[Contents], Sequence[FormSheet]]
    data: Callable[[Contents], Sequence[DataSheet]]
    definitions: Callable[[Contents], Iterable[Definition]] = lambda _contents: ()


def _targets_forms(found: Contents) -> list[FormSheet]:
    return [sheets.targets_sheet(found.board, found.targets)] if found.targets else []


def _targets_data(found: Contents) -> list[DataSheet]:
    return [sheets.targets_data(found.board, found.targets)] if found.targets else []


def _achievement_forms(found: Contents) -> list[FormSheet]:
    if found.achievement is None:
        return []
    return [
        sheets.achievement_sheet(found.board, found.achievement),
        trend_sheets.course_sheet(found.board, found.achievement),
    ]


def _achievement_data(found: Contents) -> list[DataSheet]:
    return [sheets.achievement_data(found.board, found.achievement)] if found.achievement else []


def _balance_forms(found: Contents) -> list[FormSheet]:
    if not found.balance.years_of(Face.SETTLEMENT):
        return []
    return [money_sheets.balance_sheet(found.balance, rates(found.board))]


def _balance_data(found: Contents) -> list[DataSheet]:
    return [money_sheets.balance_data(found.balance)] if found.balance.statements else []


def _record_forms(found: Contents) -> list[FormSheet]:
    if not found.records:
        return []
    return [register_sheets.register_sheet(found.center, found.records, as_of=found.as_of)]


def _record_data(found: Contents) -> list[DataSheet]:
    return [register_sheets.register_data(found.center, found.records)] if found.records else []


def _kgi_forms(found: Contents) -> list[FormSheet]:
    return [kgi_sheets.kgi_sheet(found.board)] if kgi_sheets.kgis(found.board) else []


def _kgi_data(found: Contents) -> list[DataSheet]:
    return [kgi_sheets.kgi_data(found.board)] if kgi_sheets.kgis(found.board) else []


def _initiative_forms(found: Contents) -> list[FormSheet]:
    """Each arrangement on a sheet of its own, and what is planned and reached where somebody has written it."""
    schemes = found.main_schemes
    forms = [
        kpi_initiative_sheets.main_sheet(
            found.center,
            scheme,
            known_at=found.as_of,
            name=f"{kpi_initiative_sheets.MAIN_SHEET}{number if number > 1 else ''}",
        )
        for number, scheme in enumerate(schemes, 1)
    ]
    if initiatives.kept_in(schemes, found.year):
        forms.append(
            kpi_initiative_sheets.year_sheet(found.center, schemes, found.year, known_at=found.as_of)
        )
    return forms


def _initiative_data(found: Contents) -> list[DataSheet]:
    if not found.main_schemes:
        return []
    return [
        kpi_initiative_sheets.initiatives_data(found.center, found.main_schemes, found.year),
        kpi_initiative_sheets.goals_data(found.center, found.main_schemes),
    ]


def _listed_forms(found: Contents) -> list[FormSheet]:
    listed = found.listed_scheme
    return [kpi_initiative_sheets.list_sheet(found.center, listed, known_at=found.as_of)] if listed else []


def _listed_data(found: Contents) -> list[DataSheet]:
    if (listed := found.listed_scheme) is None:
        return []
    name = kpi_initiative_sheets.LIST_DATA
    return [kpi_initiative_sheets.initiatives_data(found.center, [listed], found.year, name=name)]


def _support_forms(found: Contents) -> list[FormSheet]:
    if not found.measures:
        return []
    facts = found.facts
    return [support_sheets.support_sheet(found.center, found.measures, known_at=found.as_of, facts=facts)]


def _support_data(found: Contents) -> list[DataSheet]:
    return [support_sheets.support_data(found.center, found.measures)] if found.measures else []


def _agreements_forms(found: Contents) -> list[FormSheet]:
    forms = []
    if found.agreed:
        forms.append(overview_sheets.overview_sheet(found.center, found.agreed, known_at=found.as_of))
    if found.duties:
        forms.append(duty_sheets.duties_sheet(found.center, found.year, found.duties, known_at=found.as_of))
    return forms


def _agreements_data(found: Contents) -> list[DataSheet]:
    tables = []
    if found.agreed:
        tables.append(overview_sheets.agreements_data(found.center, found.agreed))
        tables.append(overview_sheets.provisions_data(found.center, found.agreed))
    if found.duties:
        tables.append(duty_sheets.duties_data(found.center, found.duties, known_at=found.as_of))
    return tables


def _verification_forms(found: Contents) -> list[FormSheet]:
    if not found.verified:
        return []
    return [overview_sheets.verifications_sheet(found.center, found.verified, known_at=found.as_of)]


def _verification_data(found: Contents) -> list[DataSheet]:
    return [overview_sheets.verifications_data(found.center, found.verified)] if found.verified else []


def _chronology_forms(found: Contents) -> list[FormSheet]:
    forms = []
    if found.chronology:
        forms.append(overview_sheets.chronology_sheet(found.center, found.chronology, known_at=found.as_of))
    if found.facts:
        forms.append(fact_sheets.facts_sheet(found.center, found.facts, known_at=found.as_of))
    return forms


def _chronology_data(found: Contents) -> list[DataSheet]:
    tables = []
    if found.chronology:
        tables.append(overview_sheets.chronology_data(found.center, found.chronology))
    if found.facts:
        tables.append(fact_sheets.facts_data(found.center, found.facts))
    return tables


SECTIONS: tuple[Section, ...] = (
    Section("targets", "成果指標（KPI）", _targets_forms, _targets_data),
    Section("achievement", "KPI達成状況", _achievement_forms, _achievement_data),
    Section(
        "balance",
        "収支状況",
        _balance_forms,
        _balance_data,
        lambda found: money_sheets.definitions(found.balance),
    ),
    Section(
        "kgi",
        "直接目標（KGI）",
        _kgi_forms,
        _kgi_data,
        lambda found: kgi_sheets.definitions(found.board),
    ),
    Section(
        "initiatives",
        "主な取組",
        _initiative_forms,
        _initiative_data,
        lambda found: kpi_initiative_sheets.definitions(found.main_schemes),
    ),
    Section(
        "support_work",
        "研究支援事業一覧",
        _listed_forms,
        _listed_data,
        lambda found: kpi_initiative_sheets.definitions([one for one in [found.listed_scheme] if one]),
    ),
    Section(
        "support",
        "支援措置と負担金",
        _support_forms,
        _support_data,
        lambda found: support_sheets.definitions(found.measures),
    ),
    Section("records", "活動実績", _record_forms, _record_data),
    Section(
        "agreements",
        "協定の概要と義務の履行状況",
        _agreements_forms,
        _agreements_data,
        lambda found: chain(overview_sheets.definitions(found.agreed), duty_sheets.definitions(found.duties)),
    ),
    Section(
        "verifications",
        "検証",
        _verification_forms,
        _verification_data,
        lambda found: overview_sheets.verification_definitions(found.verified),
    ),
    Section(
        "chronology",
        "経緯",
        _chronology_forms,
        _chronology_data,
        lambda found: chain(
            overview_sheets.chronology_definitions(found.chronology), fact_sheets.definitions(found.facts)
        ),
    ),
)

BY_KEY = {section.key: section for section in SECTIONS}


def title_of(key: str) -> str:
    """What the committee reads above the section; empty where there is none of that key."""
    section = BY_KEY.get(key)
    return section.title if section else ""
