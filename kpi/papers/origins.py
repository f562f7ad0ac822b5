"""Where a pack's figures come from, and which revision of each report and statement it shows: for コード・定義. Pure."""

from collections.abc import Iterator

from agreements.instruments.sources import in_words as of_agreements
from finance.balance.sheets import STAGE, supplement_name
from iconm_portal.values.fiscal import era_date
from kpi.papers.contents import Contents
from kpi.plans.facts import ReportFact
from kpi.plans.sources import in_words
from kpi.plans.tables.columns import TARGET_CHANGED
from kpi.plans.tables.sheets import Definition


def rows(found: Contents) -> Iterator[Definition]:
    """Sources first (出典), then what was updated when (更新履歴), in order of plan or year."""
    for source in _sources(found):
        yield "source", source, "出典", _title(source)
    for plan in found.plans:
        for year, report in sorted(plan.reports.items()):
            code = f"{plan.code} / {year.start}"
            yield "update", code, f"{plan.label}　{year.wareki}　実績報告", _of_report(report)
        for row in plan.rows:
            for cell in row.cells:
                target = cell.target_in_force
                if target is not None and (target.revision > 1 or cell.moved):
                    code = f"{plan.code} / {row.indicator.code} / {cell.year.start}"
                    name = f"{row.indicator.name}　{cell.year.wareki}　目標"
                    said = _said(target.revision, era_date(target.known_from), target.reason)
                    yield "update", code, name, f"{TARGET_CHANGED}。{said}" if cell.moved else said
    for (year, stage), statement in sorted(found.balance.statements.items()):
        since = era_date(statement.known_from)
        said = _said(statement.revision, since, statement.reason)
        name = supplement_name(statement) or STAGE[stage]
        yield "update", f"{stage.value} / {year.start}", f"{year.wareki}　{name}", said


def _sources(found: Contents) -> list[str]:
    """The codes of what came from a document, each once, in the order of the pack."""
    facts = [cell for plan in found.plans for row in plan.rows for cell in row.cells]
    named = [
        *(
            fact.source
            for cell in facts
            for fact in dict.fromkeys([cell.target, cell.target_in_force])
            if fact
        ),
        *(cell.actual.source for cell in facts if cell.actual is not None),
        *(statement.source for statement in found.balance.statements.values()),
        *(measure.source for measure in found.measures),
        *(record.source for record in found.records),
    ]
    return list(dict.fromkeys(code for source in named for code in source.split("・") if code))


def _title(source: str) -> str:
    """The document and place that a code stands for; each app has the titles of its own tables."""
    title = in_words(source)
    return title if title != source else of_agreements(source)


def _of_report(report: ReportFact) -> str:
    said = _said(report.revision, era_date(report.known_from), report.reason)
    return f"{era_date(report.as_of)}時点。{said}"


def _said(revision: int, since: str, reason: str) -> str:
    return f"第{revision}版、{since}から" + (f"。{reason}" if reason else "")
