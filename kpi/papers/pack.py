"""The committee's tables as known on a day, without anybody's choice of sections: every section in its usual order."""

from datetime import date

from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Pack
from kpi.papers import contents as committee_contents
from kpi.papers import workbook
from kpi.papers.sections import SECTIONS
from kpi.papers.workbook import Made


def contents(center: Center, *, as_of: date) -> Made:
    """Everything known at the end of `as_of`, about the day's fiscal year. Raises NothingKnownError before that."""
    year = FiscalYear.of(as_of)
    pack = Pack(
        center=center,
        title=f"{center.short_name}　KPI・協定・収支",
        fiscal_year=year,
        as_of=as_of,
        sections=[{"key": section.key, "comment": ""} for section in SECTIONS],
    )
    return workbook.make(pack, committee_contents.read(center, year=year, as_of=as_of))


def file_name(made: Made) -> str:
    """iconm-kpi-2022-01-27.xlsx."""
    return f"{made.contents.center.code}-kpi-{made.contents.as_of.isoformat()}.xlsx"
