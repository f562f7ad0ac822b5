"""協定の概要 (T9), 検証 and 経緯 (T6) → worksheets. Pure, no queries."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.utils import translation

from agreements.duties import timings
from agreements.duties.sheets import BOUND, centred, day_cell
from agreements.duties.texts import provision_name
from agreements.instruments import texts as instrument_texts
from agreements.instruments.state import State
from agreements.models import (
    Agreement,
    ChronologyEntry,
    Obligation,
    Provision,
    ProvisionKind,
    Verdict,
    VerificationKind,
)
from agreements.pages.overview import Agreed, Article, Verified
from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet, data_sheet, form_sheet
from iconm_portal.display.sheets.summaries import MEANING, printed_text, summary_notes
from iconm_portal.models import Center, Side
from iconm_portal.standing.changes import Unsettled
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
NEVER, NEVER_IN_FORCE = "never", "発効せずに終了"
"""The state of a concluded agreement whose last day is before its start, as code and in words."""

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
        none = [centred("－"), centred("－")]
        lines.append([*none, FormCell("\n".join(map(_obligation_text, agreed.without_article)) or "－")])
    head = [
        FormCell(agreed.agreement.title, "label", rowspan=len(lines)),
        FormCell(_terms(agreed), rowspan=len(lines)),
    ]
    for number, cells in enumerate(lines):
        yield [*(head if number == 0 else []), *cells]


def _terms(agreed: Agreed) -> str:
    entry, agreement = agreed.entry, agreed.agreement
    with translation.override("ja"):  # papers are Japanese, whoever makes them
        ended = instrument_texts.ending_mark(entry)
        signed = instrument_texts.conclusion_mark(entry.conclusion) if entry.conclusion else ""
    said = [f"{party.side.printed}　{party.name}" for party in entry.parties]
    said.append(f"状態　{_state(agreed)}")
    if entry.conclusion:
        said.append(f"締結　{partial_date.label(entry.conclusion.concluded_on, 'ja')}{signed}")
    if _never_starts(agreed):
        period = f"{era_date_short(agreement.starts_on)}から（発効前に終了）"
    else:
        last = era_date_short(entry.last_day) if entry.last_day else "終期の定めなし"
        period = f"{era_date_short(agreement.starts_on)}〜{last}{ended}"
    said.append(f"期間　{period}")
    if agreed.ended_by and not _is_over(agreed) and entry.last_day:
        said.append(f"終期　{agreed.ended_by.short_title}の終了による")
    if agreement.review_on:
        reason = f"（{agreement.review_reason}）" if agreement.review_reason else ""
        said.append(f"見直し　{era_date_short(agreement.review_on)}{reason}")
    if agreement.legal_basis:
        said.append(f"根拠　{agreement.legal_basis}")
    return "\n".join(said)


def _state(agreed: Agreed) -> str:
    word = NEVER_IN_FORCE if _never_starts(agreed) else STATE[agreed.entry.state]
    if _is_over(agreed) and agreed.ended_by:
        return f"{word}（上位協定「{agreed.ended_by.short_title}」の終了による）"
    return word


def _never_starts(agreed: Agreed) -> bool:
    """Whether it is concluded and both know that its last day is before its start."""
    facts, day = agreed.entry.facts, agreed.entry.day
    return facts.is_concluded(day) and facts.never_starts(day)


def _is_over(agreed: Agreed) -> bool:
    return agreed.entry.state is State.ENDED or _never_starts(agreed)


def _article_cells(article: Article) -> list[FormCell]:
    obligations = "\n".join(map(_obligation_text, article.obligations))
    return [
        FormCell(provision_name(article.provision) or article.provision.label, align="center"),
        FormCell(article.provision.heading),
        FormCell(obligations) if obligations else centred("－"),
    ]


def _obligation_text(obligation: Obligation) -> str:
    parts = [BOUND[obligation.bound], timings.printed_with_changes(obligation)]
    return f"{obligation.title}（{'、'.join(part for part in parts if part)}）"


def agreements_data(center: Center, agreements: Sequence[Agreed]) -> DataSheet:
    """A row for each agreement."""
    columns: Sequence[Column[Agreed]] = (
        Column("facility_code", value=lambda _agreed: center.code),
        Column("agreement_code", value=lambda agreed: agreed.agreement.code),
        Column("agreement_name", value=lambda agreed: agreed.agreement.title),
        Column("supporter", value=lambda agreed: _party(agreed, Side.SUPPORTER)),
        Column("operator", value=lambda agreed: _party(agreed, Side.OPERATOR)),
        Column("state", value=lambda agreed: NEVER if _never_starts(agreed) else agreed.entry.state.value),
        Column(
            "concluded_on",
            value=lambda agreed: agreed.entry.conclusion.concluded_on if agreed.entry.conclusion else None,
        ),
        Column("starts_on", "date", lambda agreed: agreed.agreement.starts_on),
        # What never begins has no last day of its own.
        Column("ends_on", "date", lambda agreed: None if _never_starts(agreed) else agreed.entry.last_day),
        Column("ended_by", value=lambda agreed: agreed.ended_by.code if agreed.ended_by else None),
        Column("review_on", "date", lambda agreed: agreed.agreement.review_on),
        Column("legal_basis", value=lambda agreed: agreed.agreement.legal_basis or None),
    )
    return data_sheet(AGREEMENTS_DATA, columns, agreements)


def _party(agreed: Agreed, side: Side) -> str | None:
    return {party.side: party.name for party in agreed.entry.parties}.get(side)


class ProvisionLine(NamedTuple):
    """A provision with one of the obligations that rest on it; either may be missing."""

    agreement: Agreement
    provision: Provision | None
    obligation: Obligation | None


PROVISION_COLUMNS: Sequence[Column[Provision]] = (
    Column("provision_key", value=lambda one: one.key),
    Column("parent_key", value=lambda one: one.parent.key if one.parent else None),
    Column("provision_name", value=lambda one: provision_name(one) or one.label or None),
    Column("kind", value=lambda one: one.kind),
    Column("heading", value=lambda one: one.heading or None),
)
OBLIGATION_COLUMNS: Sequence[Column[Obligation]] = (
    Column("obligation_code", value=lambda obligation: obligation.code),
    Column("obligation", value=lambda obligation: obligation.title),
    Column("bound", value=lambda obligation: obligation.bound),
    Column("due", value=timings.printed_with_changes),
    # An obligation is our summary of what the article says.
    Column("is_summary", value=lambda _obligation: "1"),
)


def provisions_data(center: Center, agreements: Sequence[Agreed]) -> DataSheet:
    """A row for each provision, and one more for each further obligation that rests on it."""
    columns: Sequence[Column[ProvisionLine]] = (
        Column("facility_code", value=lambda _line: center.code),
        Column("agreement_code", value=lambda line: line.agreement.code),
        *(column.beside(lambda line: line.provision) for column in PROVISION_COLUMNS),
        *(column.beside(lambda line: line.obligation) for column in OBLIGATION_COLUMNS),
    )
    lines = [line for agreed in agreements for line in _provision_lines(agreed)]
    return data_sheet(PROVISIONS_DATA, columns, lines)


def _provision_lines(agreed: Agreed) -> Iterator[ProvisionLine]:
    by_key: dict[str | None, list[Obligation]] = {}
    for obligation in agreed.obligations:
        by_key.setdefault(obligation.provision.key if obligation.provision else None, []).append(obligation)
    for provision in agreed.provisions:
        for one in by_key.pop(provision.key, [None]):  # none: one row all the same
            yield ProvisionLine(agreed.agreement, provision, one)
    for left in by_key.values():
        for one in left:
            yield ProvisionLine(agreed.agreement, None, one)


# -- 検証 --


def _verification_columns(center: Center) -> Sequence[Column[Verified]]:
    return (
        Column("facility_code", value=lambda _row: center.code),
        Column("fiscal_year", "number", lambda one: one.row.fiscal_year.start),
        Column(
            "fiscal_year_wareki",
            value=lambda one: one.row.fiscal_year.wareki,
            heading="年度",
            width=14,
            printed=lambda one: centred(one.row.fiscal_year.wareki),
        ),
        Column(
            "kind",
            value=lambda one: one.row.kind,
            heading="検証",
            width=30,
            printed=lambda one: FormCell(KIND[one.row.kind], "label"),
        ),
        Column(heading="確定日", width=13, printed=lambda one: day_cell(one.row.known_from)),
        Column("verdict", value=lambda one: one.verdict),
        Column("result", value=lambda one: _found(one) or None, heading="結果・判断", width=76),
        Column("follow_up", value=lambda one: one.follow_up or None, heading="今後の対応", width=36),
        Column("settled_on", "date", lambda one: one.row.known_from),
        Column("revision", "number", lambda one: one.row.revision),
        Column("revision_reason", value=lambda one: one.row.reason or None),
        Column("corrected_on", "date", lambda one: one.row.unsettled.since if one.row.unsettled else None),
        # Of the city's judgement: from when on the one that holds does, since when it holds, and what was corrected.
        Column("takes_effect_on", "date", lambda one: one.holds.takes_effect_on if one.holds else None),
        Column(
            "judgement_corrected_on",
            "date",
            lambda one: one.holds.known_from if one.was_corrected and one.holds else None,
        ),
        Column("first_verdict", value=lambda one: one.first_verdict),
    )


def verifications_sheet(center: Center, rows: Sequence[Verified], *, known_at: date) -> FormSheet:
    """What was verified for which year, and what was found."""
    return form_sheet(
        VERIFICATIONS_SHEET,
        _verification_columns(center),
        rows,
        title=f"{center.name}　{VERIFICATIONS_SHEET}",
        subtitle=f"{era_date(known_at)}現在",
        freeze_columns=2,
    )


def verifications_data(center: Center, rows: Sequence[Verified]) -> DataSheet:
    """A row for each settled verification."""
    return data_sheet(VERIFICATIONS_DATA, _verification_columns(center), rows)


def _found(one: Verified) -> str:
    said = [_corrected(one.row.unsettled)] if one.row.unsettled else []
    said += [f"【第{one.row.revision}版】{one.row.reason}"] if one.row.is_anew else []
    said += [_verdict(one)] if one.verdict else []
    said += [one.row.result] if one.row.result else []
    said += [f"{criterion}：{judgement}" for criterion, judgement in one.said]
    return "\n".join(said)


def _verdict(one: Verified) -> str:
    """The verdict that holds, and those that it replaced."""
    said = VERDICT[one.verdict] if one.verdict else ""
    if one.holds is None or not one.was_corrected:
        return said
    earlier = "、".join(
        f"{VERDICT[judged.verdict]}（{era_date_short(judged.known_from)}）" for judged in one.judgements[:-1]
    )
    return f"{said}【判断の訂正】訂正前：{earlier}。{era_date_short(one.holds.known_from)}訂正：{one.holds.reason}"


def _corrected(unsettled: Unsettled) -> str:
    """What of the figures that were verified was corrected since."""
    now = "、".join(
        f"{change.now.label}（{era_date_short(change.now.known_from)}）" for change in unsettled.changes
    )
    word = "判断後に変更あり" if unsettled.is_answered_alone else "検証後に訂正あり"
    return f"【{word}】{now}"


# -- 経緯 --


def _chronology_columns(center: Center) -> Sequence[Column[ChronologyEntry]]:
    """The date is as precise as it is known (2015-02)."""
    return (
        Column("facility_code", value=lambda _row: center.code),
        Column(
            "date",
            value=lambda row: row.happened_on,
            heading="年月",
            width=18,
            printed=lambda row: FormCell(partial_date.label(row.happened_on, "ja"), "label", align="center"),
        ),
        Column(
            "text",
            value=lambda row: row.text,
            heading="内容",
            width=100,
            printed=lambda row: FormCell(printed_text(row.text, is_summary=_is_summary(row))),
        ),
        Column("is_summary", value=lambda row: str(int(_is_summary(row)))),
        Column("agreement_code", value=lambda row: row.agreement.code if row.agreement else None),
    )


def _is_summary(row: ChronologyEntry) -> bool:
    """What comes from a document is in the portal's own words."""
    return bool(row.source)


def chronology_sheet(center: Center, rows: Sequence[ChronologyEntry], *, known_at: date) -> FormSheet:
    """設立・経緯 (T6)."""
    return form_sheet(
        CHRONOLOGY_SHEET,
        _chronology_columns(center),
        rows,
        title=f"{center.name}　設立・経緯",
        subtitle=f"{era_date(known_at)}現在",
        notes=summary_notes(any(map(_is_summary, rows))),
        freeze_columns=1,
    )


def chronology_data(center: Center, rows: Sequence[ChronologyEntry]) -> DataSheet:
    """A row for each event."""
    return data_sheet(CHRONOLOGY_DATA, _chronology_columns(center), rows)


def definitions(agreements: Sequence[Agreed]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    for agreed in agreements:
        yield "agreement_code", agreed.agreement.code, agreed.agreement.short_title, agreed.agreement.title
    if agreements:
        for state, word in STATE.items():
            yield "state", state.value, word, AGREEMENTS_DATA
        yield "state", NEVER, NEVER_IN_FORCE, AGREEMENTS_DATA
        for kind, word in PROVISION.items():
            yield "kind", kind.value, word, PROVISIONS_DATA
        for bound, word in BOUND.items():
            yield "bound", bound.value, word, PROVISIONS_DATA
        yield "is_summary", "1", "要旨", MEANING


def chronology_definitions(rows: Sequence[ChronologyEntry]) -> Iterator[tuple[str, str, str, str]]:
    """The same for the chronology."""
    if any(map(_is_summary, rows)):
        yield "is_summary", "1", "要旨", MEANING


def verification_definitions(verified: Sequence[Verified]) -> Iterator[tuple[str, str, str, str]]:
    """The same for the codes of verifications."""
    if verified:
        for verification, word in KIND.items():
            yield "kind", verification.value, word, VERIFICATIONS_DATA
        for verdict, word in VERDICT.items():
            yield "verdict", verdict.value, word, VERIFICATIONS_DATA
