"""支援措置と負担金 (T8) → worksheets. Pure, no queries."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import assert_never

from agreements.endings.grants import EndedBy
from agreements.instruments.reported_facts import Fact
from agreements.models import AmountStage, LimitRule, SupportKind
from agreements.support.limits import Ceiling, Check, Standing
from agreements.support.support import AmountFact, Blank, Measure, YearOfMeasure, gap_in
from iconm_portal.display.sheets import (
    NOT_APPLICABLE,
    DataSheet,
    FormCell,
    FormSheet,
    LongRow,
    long_form,
    number_format,
)
from iconm_portal.display.sheets.summaries import MARK, printed_text, summary_notes
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear, era_date, era_date_short, span_of_years
from iconm_portal.values.money import MoneyUnit, Rounding, in_unit

SUPPORT_SHEET = "支援措置と負担金"
SUPPORT_DATA = "データ_支援措置"

UNIT = "千円"
KIND = {SupportKind.CONTRIBUTION: "負担金", SupportKind.LOAN: "貸付", SupportKind.LAND: "用地の無償貸付"}
NOT_RECORDED = {
    Ceiling.PERIOD_TOTAL: "予算",
    Ceiling.INDIRECT_COST_INCOME: "研究間接費収入",
    Ceiling.ANNUAL_AGREEMENT: "年度協定",
    Ceiling.BUDGET: "予算",
}
BLANK = {Blank.NOT_PRINTED: "資料に記載なし", Blank.NOT_RECORDED: "未記録"}

DRAFT = "draft"
"""The status of a measure that rests on an agreement or a contract that nobody has concluded."""

ENDED = {
    EndedBy.TERM: "",  # that is no early end
    EndedBy.AGREEMENT: "協定の終了による終了",
    EndedBy.CONTRACT: "契約の終了による終了",
    EndedBy.NON_PERFORMANCE: "財団が協定を履行しないとの市の判断による無償貸付の終了",
    EndedBy.EFFECT: "効果検証の判断による無償貸付の終了",
}
"""What ends a measure before the last year for which it was granted."""

# What the status of a row says, for the sheet コード・定義.
SUPPORT_STATUS = {
    "budget": "予算（千円）",
    "settled": "決算（千円）",
    "agreed": "年度協定の負担金額（千円）",
    "period_total": "期間の総額（資料の印刷値、千円）。年度の額の合計ではない",
    DRAFT: "締結されていない協定・契約の案に基づく支援措置。値は空欄",
    **{f"ended_{how.value}": f"{word}。値は空欄、as_of は最後の日" for how, word in ENDED.items() if word},
}


def support_sheet(
    center: Center, measures: Sequence[Measure], *, known_at: date, facts: Sequence[Fact] = ()
) -> FormSheet:
    """Every measure with its agreement, its limit and, for contributions, a row for each fiscal year and the sum (T8)."""
    headings = ("支援措置", "協定", "期間", "上限", "年度", "予算", "決算", "上限の確認・備考")
    body = [row for measure in measures for row in _measure_rows(measure)]
    return FormSheet(
        name=SUPPORT_SHEET,
        title=f"{center.name}　{SUPPORT_SHEET}",
        subtitle=f"{era_date(known_at)}現在",
        unit_line=f"（単位：{UNIT}）",
        widths=[42, 22, 13, 34, 13, 13, 13, 46],
        heading=[[FormCell(text, "heading") for text in headings]],
        body=body,
        notes=_support_notes(measures, facts),
        freeze_columns=1,
    )


def _measure_rows(measure: Measure) -> Iterator[list[FormCell]]:
    years = measure.years
    has_sum = bool(measure.recorded)
    rows = max(len(years) + has_sum, 1)
    head = [
        FormCell(f"{measure.title}\n（{KIND[measure.kind]}）", "label", rowspan=rows),
        FormCell(_agreement(measure), rowspan=rows),
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
            _sum_cell(measure.budget_sum),
            _sum_cell(measure.settled_sum),
            FormCell(_sum_remark(measure)),
        ]


def _agreement(measure: Measure) -> str:
    """What it rests on, marked where that is a draft."""
    rests_on = [measure.agreement, *([measure.contract] if measure.contract in measure.drafts else [])]
    names = [f"{one.short_title}{'（案）' if one in measure.drafts else ''}" for one in rests_on if one]
    return "\n".join(filter(None, [*names, measure.provision_label]))


def _draft_text(measure: Measure) -> str:
    """That what it rests on is a draft; empty where it is concluded."""
    if not measure.drafts:
        return ""
    return f"{'・'.join(one.short_title for one in measure.drafts)}は案（未締結）であり、この支援措置は確定していない"


def _amount_cell(fact: AmountFact | None) -> FormCell:
    """Blank where no amount is recorded; the remark beside it says why. 0 is 0."""
    if fact is None:
        return FormCell(None, "blank")
    return _thousands_cell(fact.amount)


def _sum_cell(amount: int | None) -> FormCell:
    """Blank over a gap in the years too: the remark names it."""
    return FormCell(None, "blank") if amount is None else _thousands_cell(amount, bold=True)


def _thousands_cell(yen: int, *, bold: bool = False) -> FormCell:
    decimals = 0 if yen % 1000 == 0 else 3
    value = in_unit(yen, MoneyUnit.THOUSAND, Rounding.HALF_UP, decimals)
    return FormCell(value, "number", number_format(decimals=decimals), bold=bold)


def _period(measure: Measure) -> str:
    if not measure.grant.ends_early:
        return span_of_years(measure.first_year.short, measure.last_year.short if measure.last_year else "")
    last = measure.ends_in.short if measure.ends_in and measure.ends_in >= measure.first_year else ""
    end = era_date_short(measure.grant.last_day) if measure.grant.last_day else ""
    return f"{span_of_years(measure.first_year.short, last)}\n（{end}まで）"


def limit_text(measure: Measure) -> str:
    """The rule that limits the measure; of a draft, marked as what it would be."""
    return f"案：{_limit_text(measure)}" if measure.is_draft else _limit_text(measure)


def _limit_text(measure: Measure) -> str:
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
        case LimitRule.NONE:
            return "金額の上限なし"
        case _:
            assert_never(measure.limit_rule)


def _printed_total(yen: int) -> str:
    """9億円, as the report prints its totals; otherwise in 千円, or to the yen."""
    oku, rest = divmod(yen, 100_000_000)
    return f"{oku:,}億円" if oku and not rest else _exact(yen)


def _exact(yen: int) -> str:
    """As `texts.exact_yen`, on paper."""
    return f"{yen:,}円" if yen % 1_000 else f"{yen // 1_000:,}千円"


def _without_years(measure: Measure) -> str:
    if measure.drafts or end_text(measure):
        return "。".join(filter(None, [_draft_text(measure), end_text(measure)]))
    match measure.kind:
        case SupportKind.LOAN if measure.total is not None:
            return f"貸付額 {_printed_total(measure.total)}。年度ごとの支出はない"
        case SupportKind.CONTRIBUTION:
            return "対象の年度はまだ始まっていない"
        case SupportKind.LOAN | SupportKind.LAND:
            return "年度ごとの額はない"
        case _:
            assert_never(measure.kind)


def end_text(measure: Measure) -> str:
    """By what it ended, or is known to end, before the last year for which it was granted."""
    grant, judged = measure.grant, measure.grant.judgement
    day = era_date(grant.last_day) if grant.last_day else ""
    what = "無償貸付は" if measure.kind == SupportKind.LAND else ""
    verb = "終了" if measure.is_over else "終了予定"
    on = era_date(judged.known_from) if judged else ""
    match grant.ended_by:
        case EndedBy.AGREEMENT:
            return f"{measure.agreement.short_title}の終了により、{what}{day}限りで{verb}"
        case EndedBy.CONTRACT:
            title = measure.contract.short_title if measure.contract else "契約"
            return f"{title}の終了により、{what}{day}限りで{verb}"
        case EndedBy.NON_PERFORMANCE:
            place = f"{measure.agreement.short_title}{measure.provision_label}"
            return f"財団が協定を履行しないとの市の判断（{on}、{place}）により、{what}{day}限りで{verb}"
        case EndedBy.EFFECT:
            year = judged.verification.fiscal_year.wareki if judged and judged.verification else ""
            return f"{year}の効果検証の判断（{on}）により、{what}{day}限りで{verb}"
        case EndedBy.TERM | None:
            return ""
        case _:
            assert_never(grant.ended_by)


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
    """上限内, 上限超過, or 確認不可 with what is not recorded."""
    match check.standing:
        case Standing.WITHIN:
            return "上限内"
        case Standing.PASSED:
            return f"上限を{_exact(check.excess)}超過"
        case Standing.UNKNOWN:
            return f"上限は確認不可（{NOT_RECORDED[check.ceiling]}が未記録）"
        case _:
            assert_never(check.standing)


def _sum_remark(measure: Measure) -> str:
    """How the years stand against the period's total, as far as they are recorded, and of which years nothing is."""
    said = [_period_text(measure, period)] if (period := measure.period_check) is not None else []
    between, running = gap_in([year.year for year in measure.recorded]), FiscalYear.of(measure.known_at)
    missing = [
        year
        for year in measure.missing
        if year.blank is Blank.NOT_PRINTED or year.year in between or year.year < running
    ]
    if missing:
        said.append(f"{'・'.join(year.year.short for year in missing)}は{BLANK[missing[0].blank]}")
    if between:
        said.append("間に記録のない年度があるため、計は示さない")
    return "。".join(said)


def _period_text(measure: Measure, check: Check) -> str:
    """Kept is a total only where a year that is over is not left out."""
    if check.standing is Standing.WITHIN and measure.is_partial(measure.known_at):
        return "記録の範囲で上限内"
    return check_text(check)


def _support_notes(measures: Sequence[Measure], facts: Sequence[Fact]) -> list[str]:
    """`facts`: what the report says beside its tables; here stands why land is free of charge."""
    notes = ["空欄は額の記録がないもの、「－」は年度ごとの額がないもの。0は0円。"]
    # Of the measure alone whose document leaves a year out: while another's period runs, its total is still to come.
    notes += [
        f"{measure.title}：総額と年度の計の差は、期間の終了後に支出されるものではない。"
        for measure in measures
        if measure.limit_rule == LimitRule.PERIOD_TOTAL
        and any(year.blank is Blank.NOT_PRINTED for year in measure.missing)
    ]
    notes += [
        f"{measure.title}：{said}。"
        for measure in measures
        if measure.years or measure.is_draft
        for said in (_draft_text(measure), end_text(measure))
        if said
    ]
    notes += [f"{measure.title}：{_conditions(measure)}" for measure in measures if measure.conditions]
    notes += [
        f"{measure.title}：{fact.heading}　{printed_text(fact.text, is_summary=True)}（{fact.place}）"
        for measure in measures
        if measure.is_land
        for fact in facts
        if fact.measure == measure.id
    ]
    has_summary = any(MARK in note for note in notes)
    return [*(f"※ {note}" for note in notes), *summary_notes(has_summary)]


def _conditions(measure: Measure) -> str:
    """In the portal's own words, whoever entered them."""
    return printed_text(measure.conditions, is_summary=True)


def support_data(center: Center, measures: Sequence[Measure]) -> DataSheet:
    """A row for each amount in force, in 千円, and one without a value for what does not hold, or not for as long as it was
    granted; what is not recorded is no row, and 0 is 0."""
    return long_form(SUPPORT_DATA, _support_rows(center, measures))


def _support_rows(center: Center, measures: Sequence[Measure]) -> Iterator[LongRow]:
    for measure in measures:
        yield from _standing_rows(center, measure)
        if measure.is_draft:
            continue
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


def _standing_rows(center: Center, measure: Measure) -> Iterator[LongRow]:
    """That it rests on a draft, and by what it ends."""
    if measure.drafts:
        yield _row(
            center, measure, measure.first_year, DRAFT, as_of=measure.known_at, note=_draft_text(measure)
        )
    how, last_day = measure.grant.ended_by, measure.grant.last_day
    if how is not None and ENDED[how] and last_day is not None:
        year = FiscalYear.of(last_day)
        yield _row(center, measure, year, f"ended_{how.value}", as_of=last_day, note=end_text(measure))


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
    as_of = year.last_day if status == AmountStage.SETTLED.value else None
    return _row(center, measure, year, status, value=exact, as_of=as_of, note=note)


def _row(
    center: Center,
    measure: Measure,
    year: FiscalYear,
    status: str,
    *,
    value: Decimal | None = None,
    as_of: date | None,
    note: str,
) -> LongRow:
    return LongRow(
        fiscal_year=year.start,
        fiscal_year_wareki=year.wareki,
        facility_code=center.code,
        plan_code=measure.agreement.code,
        item_code=measure.code,
        item_name=measure.title,
        value=value,
        unit=UNIT if value is not None else "",
        status=status,
        as_of=as_of,
        note=note,
    )


def definitions(measures: Sequence[Measure]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    for code, agreement in {one.agreement.code: one.agreement for one in measures}.items():
        yield "plan_code", code, agreement.short_title, agreement.title
    for measure in measures:
        yield "item_code", f"{measure.agreement.code} / {measure.code}", measure.title, limit_text(measure)
    if measures:
        for code, word in SUPPORT_STATUS.items():
            yield "status", code, word, SUPPORT_DATA
