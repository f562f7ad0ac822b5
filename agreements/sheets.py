"""Support measures and duties → worksheets: 様式 to read and print, and the same in long form. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from agreements.fulfilment import Fulfilment, Progress
from agreements.limits import Ceiling, Check, Standing
from agreements.models import AmountStage, Bound, LimitRule, SupportKind
from agreements.support import AmountFact, Blank, Measure, YearOfMeasure
from iconm_portal.fiscal import FiscalYear, era_date, era_date_short
from iconm_portal.models import Center
from iconm_portal.money import MoneyUnit, Rounding, in_unit
from iconm_portal.sheets import (
    NOT_APPLICABLE,
    DataSheet,
    FormCell,
    FormSheet,
    LongRow,
    long_form,
    number_format,
)

SUPPORT_SHEET = "支援措置と負担金"
DUTIES_SHEET = "義務の履行状況"
SUPPORT_DATA = "データ_支援措置"
DUTIES_DATA = "データ_履行事項"

UNIT = "千円"
KIND = {SupportKind.CONTRIBUTION: "負担金", SupportKind.LOAN: "貸付", SupportKind.LAND: "用地の無償貸付"}
BOUND = {Bound.SUPPORTER: "市（甲）", Bound.OPERATOR: "財団（乙）", Bound.BOTH: "両者"}
PROGRESS = {
    Progress.SETTLED: "履行済み",
    Progress.HANDED_IN: "提出済み（確定前）",
    Progress.OVERDUE: "期限超過",
    Progress.OPEN: "未履行",
    Progress.NOT_STORED: "未登録",
    Progress.DRAFT: "予定（案）",
}
BLANK = {Blank.NOT_PRINTED: "資料に記載なし", Blank.NOT_RECORDED: "未記録"}

# What the status of a row says, for the sheet コード・定義.
SUPPORT_STATUS = {
    "budget": "予算（千円）",
    "settled": "決算（千円）",
    "agreed": "年度協定の負担金額（千円）",
    "period_total": "期間の総額（資料の印刷値、千円）。年度の額の合計ではない",
}
DUTIES_STATUS = {
    "documents_required": "求められる書類の数（件）。as_of は期限（延長後）、期限のないものは空欄",
    "documents_settled": "そのうち確定した書類の数（件）。確定前は行がない",
    **{progress.value: f"履行の状況：{word}。値は空欄" for progress, word in PROGRESS.items()},
}


# -- 支援措置と負担金 --


def support_sheet(center: Center, measures: Sequence[Measure], *, known_at: date) -> FormSheet:
    """Every measure with its agreement, its limit and, for contributions, a row for each fiscal year and the sum (T8)."""
    headings = ("支援措置", "協定", "期間", "限度", "年度", "予算", "決算", "限度の確認・備考")
    body = [row for measure in measures for row in _measure_rows(measure)]
    return FormSheet(
        name=SUPPORT_SHEET,
        title=f"{center.name}　{SUPPORT_SHEET}",
        subtitle=f"{era_date(known_at)}現在",
        unit_line=f"（単位：{UNIT}）",
        widths=[31, 22, 13, 30, 13, 13, 13, 36],
        heading=[[FormCell(text, "heading") for text in headings]],
        body=body,
        notes=_support_notes(measures),
        freeze_columns=1,
    )


def _measure_rows(measure: Measure) -> Iterator[list[FormCell]]:
    years = measure.years
    has_sum = measure.recorded_sum is not None
    rows = max(len(years) + has_sum, 1)
    head = [
        FormCell(f"{measure.title}\n（{KIND[measure.kind]}）", "label", rowspan=rows),
        FormCell(f"{measure.agreement.short_title}\n{measure.provision_label}".strip(), rowspan=rows),
        FormCell(_period(measure), align="center", rowspan=rows),
        FormCell(limit_text(measure), rowspan=rows),
    ]
    if not years:
        none = [FormCell(NOT_APPLICABLE, align="center") for _column in range(3)]
        yield [*head, *none, FormCell(_without_years(measure))]
        return
    for number, year in enumerate(years):
        cells = [
            FormCell(year.year.wareki, align="center"),
            _amount_cell(year.budget),
            _amount_cell(year.settled),
            FormCell(_remark(year)),
        ]
        yield [*(head if number == 0 else []), *cells]
    if has_sum:
        yield [
            FormCell("計", align="center", bold=True),
            _sum_cell([year.budget for year in years]),
            _sum_cell([year.settled for year in years]),
            FormCell(_sum_remark(measure)),
        ]


def _amount_cell(fact: AmountFact | None) -> FormCell:
    """Blank where no amount is recorded; the remark beside it says why. 0 is 0."""
    if fact is None:
        return FormCell(None, "blank")
    return _thousands_cell(fact.amount)


def _sum_cell(facts: Sequence[AmountFact | None]) -> FormCell:
    amounts = [fact.amount for fact in facts if fact]
    return _thousands_cell(sum(amounts), bold=True) if amounts else FormCell(None, "blank")


def _thousands_cell(yen: int, *, bold: bool = False) -> FormCell:
    decimals = 0 if yen % 1000 == 0 else 3
    value = in_unit(yen, MoneyUnit.THOUSAND, Rounding.HALF_UP, decimals)
    return FormCell(value, "number", number_format(decimals=decimals), bold=bold)


def _period(measure: Measure) -> str:
    last = measure.last_year.short if measure.last_year else ""
    return f"{measure.first_year.short}〜{last}"


def limit_text(measure: Measure) -> str:
    """The rule that limits the measure."""
    match measure.limit_rule:
        case LimitRule.PERIOD_TOTAL if measure.total is not None and measure.last_year is not None:
            years = measure.last_year - measure.first_year + 1
            return f"{years}年間の総額 {_printed_total(measure.total)}"
        case LimitRule.PERIOD_TOTAL:
            return "期間の総額（未記録）"
        case LimitRule.INDIRECT_COST_INCOME:
            return "当該年度の研究間接費収入から財団が負担する研究支援事業支出額。予算の範囲内"
        case LimitRule.ANNUAL_AGREEMENT:
            return "年度協定で定める額。予算の範囲内"
    return "金額の限度なし"


def _printed_total(yen: int) -> str:
    """9億円, as the report prints its totals; in 千円 where it is not whole 億."""
    oku, rest = divmod(yen, 100_000_000)
    return (
        f"{oku:,}億円" if oku and not rest else f"{in_unit(yen, MoneyUnit.THOUSAND, Rounding.HALF_UP):,f}千円"
    )


def _without_years(measure: Measure) -> str:
    if measure.not_free_since is not None:
        return f"{era_date(measure.not_free_since)}の効果検証の判断により、無償の扱いは終了"
    if measure.kind == SupportKind.LOAN and measure.total is not None:
        return f"貸付額 {_printed_total(measure.total)}。年度ごとの支出はない"
    if measure.kind == SupportKind.CONTRIBUTION:
        return "対象の年度はまだ始まっていない"
    return "年度ごとの額はない"


def _remark(year: YearOfMeasure) -> str:
    """What cannot be read from the figures: why one is missing, how it stands against the limit, why it changed."""
    said = []
    if year.fact is None:
        said.append(BLANK[year.blank])
    elif year.settled is None:
        said.append(f"予算額。決算は{BLANK[year.blank]}")
    if year.agreed is not None:
        said.append(f"年度協定 {in_unit(year.agreed, MoneyUnit.THOUSAND, Rounding.HALF_UP):,f}千円")
    if (worst := year.worst) is not None:
        said.append(check_text(worst))
    said += [
        f"改定{fact.revision}：{fact.reason}"
        for fact in (year.budget, year.settled)
        if fact is not None and fact.revision > 1
    ]
    said += [
        f"協議{fact.consultation_number}号による"
        for fact in (year.budget, year.settled)
        if fact is not None and fact.consultation_number is not None
    ]
    return "。".join(said)


def check_text(check: Check) -> str:
    """限度内, 限度超過, or 確認不可 with what is not recorded."""
    match check.standing, check.ceiling:
        case Standing.WITHIN, _any:
            return "限度内"
        case Standing.PASSED, _any:
            return f"限度を{in_unit(check.excess, MoneyUnit.THOUSAND, Rounding.HALF_UP, 3).normalize():,f}千円超過"
        case _, Ceiling.INDIRECT_COST_INCOME:
            return "限度は確認不可（研究間接費収入が未記録）"
        case _, Ceiling.ANNUAL_AGREEMENT:
            return "限度は確認不可（年度協定が未記録）"
    return "限度は確認不可（予算が未記録）"


def _sum_remark(measure: Measure) -> str:
    if (period := measure.period_check) is None:
        return ""
    missing = [year for year in measure.missing if year.blank is Blank.NOT_PRINTED]
    said = [check_text(period)]
    if missing:
        said.append(f"{'・'.join(year.year.short for year in missing)}は資料に記載なし")
    return "。".join(said)


def _support_notes(measures: Sequence[Measure]) -> list[str]:
    notes = ["空欄は額の記録がないもの、「－」は年度ごとの額がないもの。0は0円。"]
    if any(measure.limit_rule == LimitRule.PERIOD_TOTAL and measure.missing for measure in measures):
        notes.append("総額と年度の計の差は、期間の終了後に支出されるものではない。")
    notes += [f"{measure.title}：{measure.conditions}" for measure in measures if measure.conditions]
    return [f"※ {note}" for note in notes]


def support_data(center: Center, measures: Sequence[Measure]) -> DataSheet:
    """A row for each amount in force, in 千円; what is not recorded is no row, and 0 is 0."""
    return long_form(SUPPORT_DATA, _support_rows(center, measures))


def _support_rows(center: Center, measures: Sequence[Measure]) -> Iterator[LongRow]:
    for measure in measures:
        if measure.total is not None and measure.last_year is not None:
            yield _support_row(center, measure, measure.last_year, measure.total, "period_total", "")
        for year in measure.years:
            if year.agreed is not None:
                yield _support_row(center, measure, year.year, year.agreed, "agreed", "")
            for fact in (year.budget, year.settled):
                if fact is not None:
                    yield _support_row(
                        center, measure, year.year, fact.amount, fact.stage.value, _fact_note(fact, year)
                    )


def _fact_note(fact: AmountFact, year: YearOfMeasure) -> str:
    worst = year.worst
    return "；".join(
        filter(
            None,
            [
                f"改定{fact.revision}：{fact.reason}" if fact.revision > 1 else "",
                f"協議{fact.consultation_number}号" if fact.consultation_number is not None else "",
                check_text(worst) if worst is not None and fact is year.fact else "",
            ],
        )
    )


def _support_row(
    center: Center, measure: Measure, year: FiscalYear, yen: int, status: str, note: str
) -> LongRow:
    exact = in_unit(yen, MoneyUnit.THOUSAND, Rounding.HALF_UP, 0 if yen % 1000 == 0 else 3)
    return LongRow(
        fiscal_year=year.start,
        fiscal_year_wareki=year.wareki,
        facility_code=center.code,
        plan_code=measure.agreement.code,
        item_code=measure.code,
        item_name=measure.title,
        value=exact,
        unit=UNIT,
        status=status,
        as_of=year.last_day if status == AmountStage.SETTLED.value else None,
        note=note,
    )


# -- 義務の履行状況 --


def duties_sheet(
    center: Center, year: FiscalYear, duties: Sequence[Fulfilment], *, known_at: date
) -> FormSheet:
    """What falls due within the year, and what concerns it without a date: who, what, until when, how far."""
    headings = (
        "協定",
        "条項",
        "義務",
        "義務者",
        "対象年度",
        "期限",
        "求められる書類",
        "状況",
        "確定日",
        "備考",
    )
    return FormSheet(
        name=DUTIES_SHEET,
        title=f"{center.name}　{DUTIES_SHEET}（{year.wareki}）",
        subtitle=f"{era_date(known_at)}現在",
        widths=[22, 14, 34, 12, 13, 13, 28, 16, 13, 28],
        heading=[[FormCell(text, "heading") for text in headings]],
        body=[_duty_cells(one) for one in duties],
        notes=[
            "※ その年度に期限が来るもの、および期限の定めがなくその年度に関わるものを示す。",
            "※ 期限の空欄は協定に日付の定めがないもの。「－」は書類の定めがないもの。",
            *_progress_notes(duties),
        ],
        freeze_columns=3,
    )


def _duty_cells(one: Fulfilment) -> list[FormCell]:
    return [
        FormCell(one.agreement.short_title),
        FormCell(one.place),
        FormCell(one.obligation.title, "label"),
        FormCell(BOUND[Bound(one.obligation.bound)], align="center"),
        FormCell(one.year.wareki, align="center"),
        FormCell(era_date_short(one.due_on), align="center") if one.due_on else FormCell(None, "blank"),
        FormCell("\n".join(one.required)) if one.required else FormCell(NOT_APPLICABLE, align="center"),
        FormCell(PROGRESS[one.progress], align="center"),
        FormCell(era_date_short(one.settled_on), align="center")
        if one.settled_on
        else FormCell(None, "blank"),
        FormCell(_duty_remark(one)),
    ]


def _duty_remark(one: Fulfilment) -> str:
    if not one.is_extended or one.first_due is None:
        return ""
    return f"{era_date_short(one.first_due)}から延長：{one.extension_reason}"


def _progress_notes(duties: Sequence[Fulfilment]) -> list[str]:
    found = {one.progress for one in duties}
    notes = []
    if Progress.NOT_STORED in found:
        notes.append("※ 「未登録」は協定が求めるが、まだ年度の履行事項として登録されていないもの。")
    if Progress.DRAFT in found:
        notes.append("※ 「予定（案）」は、締結が記録されていない協定が求めることになるもの。")
    return notes


def duties_data(center: Center, duties: Sequence[Fulfilment], *, known_at: date) -> DataSheet:
    """For each duty how many documents are asked for, how many are settled, and the status; 0 documents is 0."""
    return long_form(DUTIES_DATA, _duty_rows(center, duties, known_at))


def _duty_rows(center: Center, duties: Sequence[Fulfilment], known_at: date) -> Iterator[LongRow]:
    for one in duties:
        yield _duty_row(center, one, len(one.required), "documents_required", one.due_on, _duty_remark(one))
        if one.documents_settled is not None:
            yield _duty_row(center, one, one.documents_settled, "documents_settled", one.settled_on, "")
        yield _duty_row(
            center, one, None, one.progress.value, one.settled_on or known_at, _progress_note(one)
        )


def _progress_note(one: Fulfilment) -> str:
    """The word, because a row without a value says in its note what it stands for."""
    return PROGRESS[one.progress]


def _duty_row(
    center: Center, one: Fulfilment, value: int | None, status: str, as_of: date | None, note: str
) -> LongRow:
    return LongRow(
        fiscal_year=one.year.start,
        fiscal_year_wareki=one.year.wareki,
        facility_code=center.code,
        plan_code=one.agreement.code,
        item_code=one.obligation.code,
        item_name=one.obligation.title,
        value=value,
        unit="件" if value is not None else "",
        status=status,
        as_of=as_of,
        note=note,
    )


# -- Codes and definitions --


def definitions(
    measures: Sequence[Measure], duties: Sequence[Fulfilment]
) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    under = [measure.agreement for measure in measures] + [one.agreement for one in duties]
    agreements = {agreement.code: agreement for agreement in under}
    for code, agreement in agreements.items():
        yield "plan_code", code, agreement.short_title, agreement.title
    for measure in measures:
        yield "item_code", f"{measure.agreement.code} / {measure.code}", measure.title, limit_text(measure)
    seen = set()
    for one in duties:
        code = f"{one.agreement.code} / {one.obligation.code}"
        if code not in seen:
            seen.add(code)
            yield "item_code", code, one.obligation.title, f"{one.agreement.short_title} {one.place}".strip()
    if measures:
        for code, word in SUPPORT_STATUS.items():
            yield "status", code, word, SUPPORT_DATA
    if duties:
        for code, word in DUTIES_STATUS.items():
            yield "status", code, word, DUTIES_DATA
