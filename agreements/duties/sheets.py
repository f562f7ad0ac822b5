"""義務の履行状況 → worksheets. Pure, no queries."""

from collections.abc import Iterator, Sequence
from datetime import date

from agreements.duties.duty_status import Fulfilment, Progress
from agreements.models import Bound
from agreements.models.duties import in_address
from iconm_portal.display.sheets import (
    NOT_APPLICABLE,
    Column,
    DataSheet,
    FormCell,
    FormSheet,
    LongRow,
    form_sheet,
    long_form,
)
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear, era_date, era_date_short

DUTIES_SHEET = "義務の履行状況"
DUTIES_DATA = "データ_履行事項"

BOUND = {Bound.SUPPORTER: "市（甲）", Bound.OPERATOR: "財団（乙）", Bound.BOTH: "両者"}
PROGRESS = {
    Progress.SETTLED: "履行済み",
    Progress.CORRECTED: "履行済み（検証後に訂正あり）",
    Progress.CHANGED: "履行済み（判断後に数値の変更あり）",
    Progress.HANDED_IN: "提出済み（確定前）",
    Progress.OVERDUE: "期限超過",
    Progress.OPEN: "未履行",
    Progress.NOT_STORED: "未登録",
    Progress.DRAFT: "予定（案）",
    Progress.DROPPED: "改定により不要",
    Progress.ENDED: "終了（協定の終了による）",
    Progress.FALLS: "協定の終了により不要",
}

# What the status of a row says, for the sheet コード・定義.
DUTIES_STATUS = {
    "documents_required": "求められる書類の数（件）。as_of は期限（延長後）、期限のないものは空欄",
    "documents_settled": "そのうち確定した書類の数（件）。確定前は行がない",
    **{progress.value: f"履行の状況：{word}。値は空欄" for progress, word in PROGRESS.items()},
}


DUTY_COLUMNS: Sequence[Column[Fulfilment]] = (
    Column(heading="協定", width=22, value=lambda one: one.agreement.short_title),
    Column(heading="条項", width=14, value=lambda one: one.place),
    Column(heading="義務", width=34, printed=lambda one: FormCell(title_of(one), "label")),
    Column(heading="義務者", width=12, printed=lambda one: centred(BOUND[one.obligation.bound])),
    Column(heading="対象年度", width=13, printed=lambda one: centred(one.year.wareki)),
    Column(heading="期限", width=13, printed=lambda one: due_cell(one)),
    Column(
        heading="求められる書類",
        width=28,
        printed=lambda one: FormCell("\n".join(one.required)) if one.required else centred(NOT_APPLICABLE),
    ),
    Column(heading="状況", width=16, printed=lambda one: centred(PROGRESS[one.progress])),
    Column(heading="確定日", width=13, printed=lambda one: day_cell(one.settled_on)),
    Column(heading="備考", width=28, value=lambda one: _duty_remark(one)),
)


def duties_sheet(
    center: Center, year: FiscalYear, duties: Sequence[Fulfilment], *, known_at: date
) -> FormSheet:
    """What falls due within the year, and what concerns it without a date: who, what, until when, how far."""
    return form_sheet(
        DUTIES_SHEET,
        DUTY_COLUMNS,
        duties,
        title=f"{center.name}　{DUTIES_SHEET}（{year.wareki}）",
        subtitle=f"{era_date(known_at)}現在",
        notes=[
            "※ その年度に期限が来るものと、期限の定めがなくその年度に行うもの（検証は対象年度の翌年度に行う）を示す。",
            "※ 対象年度は、その義務が何年度についてのものかを示す。",
            "※ 義務は条文の内容を要約したもの（要旨）で、条文そのものではない。",
            "※ 期限の空欄は協定に日付の定めがないもの。書類の「－」は書類の定めがないもの。",
            *_progress_notes(duties),
        ],
        freeze_columns=3,
    )


def title_of(one: Fulfilment) -> str:
    """What is owed; of what is owed on request, which request of the year."""
    return f"{one.obligation.title}（第{one.number}回）" if one.number > 1 else one.obligation.title


def centred(text: str, *, bold: bool = False) -> FormCell:
    return FormCell(text, align="center", bold=bold)


def day_cell(day: date | None) -> FormCell:
    return centred(era_date_short(day)) if day else FormCell(None, "blank")


def due_cell(one: Fulfilment) -> FormCell:
    """By when; of what falls with its agreement before then there is nothing to wait for."""
    return centred(NOT_APPLICABLE) if one.progress is Progress.FALLS else day_cell(one.due_on)


def _duty_remark(one: Fulfilment) -> str:
    said = [f"「{one.deed}」による"] if one.deed else []
    if one.is_extended and one.first_due is not None:
        how = "改定" if one.is_amended else "延長"
        said.append(f"{era_date_short(one.first_due)}から{how}：{one.extension_reason}")
    if one.due_by_rule is not None:
        said.append(f"登録後の改定による期限は{era_date_short(one.due_by_rule)}（未反映）")
    if not one.is_stored and one.progress is Progress.OVERDUE:
        said.append(PROGRESS[Progress.NOT_STORED])
    return "、".join(said)


def _progress_notes(duties: Sequence[Fulfilment]) -> list[str]:
    found = {one.progress for one in duties}
    notes = []
    if Progress.NOT_STORED in found:
        notes.append("※ 「未登録」は協定が求めるが、まだ年度の履行事項として登録されていないもの。")
    if Progress.DRAFT in found:
        notes.append("※ 「予定（案）」は、締結が記録されていない協定が求めることになるもの。")
    if Progress.FALLS in found:
        notes.append(
            "※ 「協定の終了により不要」は、両者が確認した協定の最終日より後に期限が来るはずだったもの。"
        )
    return notes


def duties_data(center: Center, duties: Sequence[Fulfilment], *, known_at: date) -> DataSheet:
    """For each duty how many documents are asked for, how many are settled, and the status; 0 documents is 0."""
    return long_form(DUTIES_DATA, _duty_rows(center, duties, known_at))


def _duty_rows(center: Center, duties: Sequence[Fulfilment], known_at: date) -> Iterator[LongRow]:
    for one in duties:
        due = None if one.progress is Progress.FALLS else one.due_on
        yield _duty_row(center, one, len(one.required), "documents_required", due, _duty_remark(one))
        if one.documents_settled is not None:
            yield _duty_row(center, one, one.documents_settled, "documents_settled", one.settled_on, "")
        # A row without a value says in its note, in a word, what it stands for.
        as_of = one.settled_on or known_at
        yield _duty_row(center, one, None, one.progress.value, as_of, PROGRESS[one.progress])


def _duty_row(
    center: Center, one: Fulfilment, value: int | None, status: str, as_of: date | None, note: str
) -> LongRow:
    return LongRow(
        fiscal_year=one.year.start,
        fiscal_year_wareki=one.year.wareki,
        facility_code=center.code,
        plan_code=one.agreement.code,
        item_code=in_address(one.obligation.code, one.number),
        item_name=title_of(one),
        value=value,
        unit="件" if value is not None else "",
        status=status,
        as_of=as_of,
        note=note,
    )


def definitions(duties: Sequence[Fulfilment]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    for code, agreement in {one.agreement.code: one.agreement for one in duties}.items():
        yield "plan_code", code, agreement.short_title, agreement.title
    seen = set()
    for one in duties:
        code = f"{one.agreement.code} / {in_address(one.obligation.code, one.number)}"
        if code not in seen:
            seen.add(code)
            yield "item_code", code, title_of(one), f"{one.agreement.short_title} {one.place}".strip()
    if duties:
        yield "item_name", "", "義務の名称（要旨）", f"条文の内容を要約したもの。{DUTIES_DATA}"
        for code, word in DUTIES_STATUS.items():
            yield "status", code, word, DUTIES_DATA
