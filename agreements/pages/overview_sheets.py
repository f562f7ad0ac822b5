"""協定の概要 (T9), 検証 and 経緯 (T6) → worksheets. Pure, no queries."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import assert_never

from agreements.duties.sheets import BOUND
from agreements.duties.texts import provision_name
from agreements.instruments.agreements import Entry
from agreements.instruments.state import State
from agreements.models import (
    Agreement,
    ChronologyEntry,
    Obligation,
    ProvisionKind,
    Timing,
    Verdict,
    Verification,
    VerificationKind,
)
from agreements.pages.overview import Agreed, Article
from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet
from iconm_portal.models import Center, Side
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import era_date, era_date_short

OVERVIEW_SHEET = "協定の概要"
VERIFICATIONS_SHEET = "検証"
CHRONOLOGY_SHEET = "経緯"
AGREEMENTS_DATA = "データ_協定"
PROVISIONS_DATA = "データ_協定条項"
VERIFICATIONS_DATA = "データ_検証"
CHRONOLOGY_DATA = "データ_経緯"

STATE = {
    State.DRAFT: "案（未締結）",
    State.CONCLUDED: "締結済み・発効前",
    State.IN_FORCE: "有効",
    State.TERMINATING: "解約協議中",
    State.ENDED: "終了",
}
KIND = {
    VerificationKind.SETTLEMENT: "報告・決算の検証（基本協定）",
    VerificationKind.KPI: "成果指標の検証（研究支援協定）",
    VerificationKind.EFFECT: "効果検証（用地の無償貸付）",
}
VERDICT = {Verdict.MEETS: "規定に適合", Verdict.DOES_NOT_MEET: "規定に適合しない"}
PROVISION = {
    ProvisionKind.CHAPTER: "章",
    ProvisionKind.ARTICLE: "条",
    ProvisionKind.PARAGRAPH: "項",
    ProvisionKind.ITEM: "号",
    ProvisionKind.SUBITEM: "細目",
    ProvisionKind.SUPPLEMENT: "附則",
}


# -- 協定の概要 --


def overview_sheet(center: Center, agreements: Sequence[Agreed], *, known_at: date) -> FormSheet:
    """Each agreement with its parties and terms, and its articles with what they bind whom to, until when (T9)."""
    headings = ("協定", "当事者・期間", "条", "見出し", "義務（義務者・期限）")
    return FormSheet(
        name=OVERVIEW_SHEET,
        title=f"{center.name}　{OVERVIEW_SHEET}",
        subtitle=f"{era_date(known_at)}現在",
        widths=[26, 40, 12, 34, 60],
        heading=[[FormCell(text, "heading") for text in headings]],
        body=[row for agreed in agreements for row in _agreement_rows(agreed)],
        notes=[
            "※ 義務は条文の内容を要約したもので、条文そのものではない。",
            "※ 「案（未締結）」は締結が記録されていない協定。",
        ],
        freeze_columns=1,
    )


def _agreement_rows(agreed: Agreed) -> Iterator[list[FormCell]]:
    lines = [*map(_article_cells, agreed.articles)]
    if agreed.without_article or not lines:
        none = [FormCell("－", align="center"), FormCell("－", align="center")]
        lines.append([*none, FormCell("\n".join(map(_owed_text, agreed.without_article)) or "－")])
    head = [
        FormCell(agreed.agreement.title, "label", rowspan=len(lines)),
        FormCell(_terms(agreed.entry), rowspan=len(lines)),
    ]
    for number, cells in enumerate(lines):
        yield [*(head if number == 0 else []), *cells]


def _terms(entry: Entry) -> str:
    agreement = entry.agreement
    said = [f"{party.side.printed}　{party.name}" for party in entry.parties]
    said.append(f"状態　{STATE[entry.state]}")
    if entry.conclusion:
        said.append(f"締結　{partial_date.label(entry.conclusion.concluded_on, 'ja')}")
    last = era_date_short(entry.last_day) if entry.last_day else "期限の定めなし"
    said.append(f"期間　{era_date_short(agreement.starts_on)}〜{last}")
    if agreement.review_on:
        reason = f"（{agreement.review_reason}）" if agreement.review_reason else ""
        said.append(f"見直し　{era_date_short(agreement.review_on)}{reason}")
    if agreement.legal_basis:
        said.append(f"根拠　{agreement.legal_basis}")
    return "\n".join(said)


def _article_cells(article: Article) -> list[FormCell]:
    owed = "\n".join(map(_owed_text, article.obligations))
    return [
        FormCell(provision_name(article.provision) or article.provision.label, align="center"),
        FormCell(article.provision.heading),
        FormCell(owed) if owed else FormCell("－", align="center"),
    ]


def _owed_text(owed: Obligation) -> str:
    parts = [BOUND[owed.bound], due_text(owed)]
    return f"{owed.title}（{'、'.join(part for part in parts if part)}）"


def due_text(owed: Obligation) -> str:
    """When it is due, relative to the fiscal year that it concerns; empty where the agreement prints no date."""
    match owed.timing:
        case Timing.ONCE:
            return era_date_short(owed.due_on) if owed.due_on else "一度"
        case Timing.CONTINUOUS:
            return "常時"
        case Timing.ON_REQUEST:
            return "求めに応じて"
        case Timing.YEARLY:
            return _yearly(owed)
        case _:
            assert_never(owed.timing)


def _yearly(owed: Obligation) -> str:
    if owed.due_month is None or owed.due_day is None:
        return "毎年度"
    # The offset counts calendar years from the first of the fiscal year, which ends in the next one.
    year_of_due = owed.due_year_offset - (1 if owed.due_month < 4 else 0)
    which = {-1: "前年度の", 0: "当該年度の", 1: "翌年度の"}.get(year_of_due, f"{year_of_due:+d}年度の")
    return f"{which}{owed.due_month}月{owed.due_day}日まで"


def agreements_data(center: Center, agreements: Sequence[Agreed]) -> DataSheet:
    """A row for each agreement."""
    columns = [
        Column("facility_code"),
        Column("agreement_code"),
        Column("agreement_name"),
        Column("supporter"),
        Column("operator"),
        Column("state"),
        Column("concluded_on"),
        Column("starts_on", "date"),
        Column("ends_on", "date"),
        Column("review_on", "date"),
        Column("legal_basis"),
    ]
    return DataSheet(AGREEMENTS_DATA, columns, [_agreement_values(center, agreed) for agreed in agreements])


def _agreement_values(center: Center, agreed: Agreed) -> tuple[str | date | None, ...]:
    entry, agreement = agreed.entry, agreed.agreement
    parties = {party.side: party.name for party in entry.parties}
    return (
        center.code,
        agreement.code,
        agreement.title,
        parties.get(Side.SUPPORTER),
        parties.get(Side.OPERATOR),
        entry.state.value,
        entry.conclusion.concluded_on if entry.conclusion else None,
        agreement.starts_on,
        entry.last_day,
        agreement.review_on,
        agreement.legal_basis or None,
    )


def provisions_data(center: Center, agreements: Sequence[Agreed]) -> DataSheet:
    """A row for each provision, and one more for each further obligation that rests on it."""
    columns = [
        Column("facility_code"),
        Column("agreement_code"),
        Column("provision_key"),
        Column("parent_key"),
        Column("provision_name"),
        Column("kind"),
        Column("heading"),
        Column("obligation_code"),
        Column("obligation"),
        Column("bound"),
        Column("due"),
    ]
    rows = [row for agreed in agreements for row in _provision_values(center, agreed.agreement, agreed)]
    return DataSheet(PROVISIONS_DATA, columns, rows)


def _provision_values(
    center: Center, agreement: Agreement, agreed: Agreed
) -> Iterator[tuple[str | None, ...]]:
    by_key: dict[str | None, list[Obligation]] = {}
    for owed in agreed.obligations:
        by_key.setdefault(owed.provision.key if owed.provision else None, []).append(owed)
    for provision in agreed.provisions:
        place = (
            center.code,
            agreement.code,
            provision.key,
            provision.parent.key if provision.parent else None,
            provision_name(provision) or provision.label or None,
            provision.kind,
            provision.heading or None,
        )
        for one in by_key.pop(provision.key, [None]):  # none: one row all the same
            yield (*place, *_owed_values(one))
    for left in by_key.values():
        for one in left:
            yield (center.code, agreement.code, None, None, None, None, None, *_owed_values(one))


def _owed_values(owed: Obligation | None) -> tuple[str | None, ...]:
    return (None, None, None, None) if owed is None else (owed.code, owed.title, owed.bound, due_text(owed))


# -- 検証 --


def verifications_sheet(center: Center, rows: Sequence[Verification], *, known_at: date) -> FormSheet:
    """What was verified for which year, and what was found."""
    headings = ("年度", "検証", "確定日", "結果・判断", "今後の対応")
    return FormSheet(
        name=VERIFICATIONS_SHEET,
        title=f"{center.name}　{VERIFICATIONS_SHEET}",
        subtitle=f"{era_date(known_at)}現在",
        widths=[14, 30, 13, 76, 36],
        heading=[[FormCell(text, "heading") for text in headings]],
        body=[_verification_cells(row) for row in rows],
        freeze_columns=2,
    )


def _verification_cells(row: Verification) -> list[FormCell]:
    return [
        FormCell(row.fiscal_year.wareki, align="center"),
        FormCell(KIND[row.kind], "label"),
        FormCell(era_date_short(row.known_from), align="center")
        if row.known_from
        else FormCell(None, "blank"),
        FormCell(_found(row)),
        FormCell(row.follow_up or None),
    ]


def _found(row: Verification) -> str:
    said = [VERDICT[Verdict(row.verdict)]] if row.verdict else []
    said += [row.result] if row.result else []
    said += [
        f"{finding.criterion.label}：{finding.judgement}"
        for finding in row.findings.all()
        if finding.judgement
    ]
    return "\n".join(said)


def verifications_data(center: Center, rows: Sequence[Verification]) -> DataSheet:
    """A row for each settled verification."""
    columns = [
        Column("facility_code"),
        Column("fiscal_year", "number"),
        Column("fiscal_year_wareki"),
        Column("kind"),
        Column("verdict"),
        Column("result"),
        Column("follow_up"),
        Column("settled_on", "date"),
    ]
    values = [
        (
            center.code,
            row.fiscal_year.start,
            row.fiscal_year.wareki,
            row.kind,
            row.verdict or None,
            _found(row) or None,
            row.follow_up or None,
            row.known_from,
        )
        for row in rows
    ]
    return DataSheet(VERIFICATIONS_DATA, columns, values)


# -- 経緯 --


def chronology_sheet(center: Center, rows: Sequence[ChronologyEntry], *, known_at: date) -> FormSheet:
    """設立・経緯, as precisely dated as it is known (T6)."""
    return FormSheet(
        name=CHRONOLOGY_SHEET,
        title=f"{center.name}　設立・経緯",
        subtitle=f"{era_date(known_at)}現在",
        widths=[18, 100],
        heading=[[FormCell("年月", "heading"), FormCell("内容", "heading")]],
        body=[
            [FormCell(partial_date.label(row.happened_on, "ja"), "label", align="center"), FormCell(row.text)]
            for row in rows
        ],
        freeze_columns=1,
    )


def chronology_data(center: Center, rows: Sequence[ChronologyEntry]) -> DataSheet:
    """A row for each event; the date is as precise as it is known (2015-02)."""
    columns = [Column("facility_code"), Column("date"), Column("text"), Column("agreement_code")]
    values = [
        (center.code, row.happened_on, row.text, row.agreement.code if row.agreement else None)
        for row in rows
    ]
    return DataSheet(CHRONOLOGY_DATA, columns, values)


def definitions(
    agreements: Sequence[Agreed], verified: Sequence[Verification]
) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    for agreed in agreements:
        yield "agreement_code", agreed.agreement.code, agreed.agreement.short_title, agreed.agreement.title
    if agreements:
        for state, word in STATE.items():
            yield "state", state.value, word, AGREEMENTS_DATA
        for kind, word in PROVISION.items():
            yield "kind", kind.value, word, PROVISIONS_DATA
        for bound, word in BOUND.items():
            yield "bound", bound.value, word, PROVISIONS_DATA
    if verified:
        for verification, word in KIND.items():
            yield "kind", verification.value, word, VERIFICATIONS_DATA
        for verdict, word in VERDICT.items():
            yield "verdict", verdict.value, word, VERIFICATIONS_DATA
