"""The entry sheet as a workbook to be filled in offline: 実績入力, with where it came from beside it.

Always in Japanese. The same draft gives the same bytes. Only the coloured cells can be changed; that, the drop-down
lists and the bounds guard against slips, not against intent: `kpi.reports.upload.import_kind` looks at everything again.
"""

from decimal import Decimal
from typing import Final

from django.utils import translation

from iconm_portal.display.sheets import (
    NOT_APPLICABLE,
    Book,
    CellCheck,
    CellValue,
    Column,
    DataSheet,
    FormCell,
    FormSheet,
    clean_text,
    number_format,
)
from iconm_portal.values import money
from iconm_portal.values.fiscal import era_date_short
from kpi.models import Indicator, Report
from kpi.models.values import LARGEST
from kpi.plans.achievement import display
from kpi.plans.labels import PRINTED_CERTAINTY
from kpi.plans.texts import unit_and_comparator
from kpi.reports.entry import EntrySheet
from kpi.reports.entry_forms import line_texts
from kpi.reports.entry_lines import EntryLine
from kpi.reports.upload.origin import TEMPLATE, Origin, StoredLine
from kpi.value_sources.check_messages import NOT_APPLICABLE_TEXT

SHEET: Final = "実績入力"
INFO: Final = "様式情報"
STORED: Final = "データ_保存値"

# The headings by which the columns are found again, and the label of the day above them.
CODE, NAME, VALUE, DASH, CERTAINTY, NOTE = "コード", "指標", "実績値", "該当なし", "値の区分", "備考"
FORMER_CERTAINTY: Final = "確度"  # of sheets downloaded before the word was changed
AS_OF: Final = "時点"  # as the entry page calls it
INFO_KEYS: Final = {
    "template": "様式の版",
    "center": "センターのコード",
    "plan": "計画のコード",
    "fiscal_year": "年度（西暦）",
    "report": "報告の番号",
    "version": "下書きの版",
    "as_of": "保存されていた時点",
}
SEAL: Final = "改変検知の符号"
STORED_COLUMNS: Final = ("code", "name", "unit", "value", "certainty", "note")
LONGEST_NOTE: Final = 500

_NOTES: Final = (
    "記入のしかた",
    "・薄い黄色の欄だけに記入する。ほかの欄は保護してある（行の並べ替えはしなくてよい）。",
    "・実績値は「単位」欄の単位で、数字だけを記入する。0は0件などの実績、空欄は未報告として扱う。",
    "・指標が当年度に該当しないときは、実績値を空欄にして「該当なし」で「－」を選ぶ。",
    "・値の区分は、確定・決算見込・途中経過から選ぶ。実績値が空欄のときは意味を持たない。",
    "・備考は500字まで。前年度や台帳・決算と大きく違うときは、理由を記入する。",
    "・提案値は台帳の件数や決算額から計算したもので、違う値を報告するときは理由を備考に書く。",
    "・記入したら、ポータルの実績入力の画面から「記入した様式をアップロード」する。取り込む前に違いを1件ずつ確かめられる。",
    "・証拠となるファイルの添付と市への提出は、ポータルの画面で行う。",
)  # fmt: skip


def build(sheet: EntrySheet) -> bytes:
    """The workbook of a draft as it is stored now."""
    with translation.override("ja"):
        report = sheet.report
        book = Book(title=_title(report), created=report.saved_at or report.recorded_at)
        book.form_sheet(_form(sheet))
        origin = origin_of(sheet)
        book.form_sheet(_info(origin))
        book.data_sheet(_stored(origin))
        return book.to_bytes()


def file_name(report: Report) -> str:
    """Which center, plan and year the file is for."""
    return f"実績入力_{report.plan.center.code}_{report.plan.code}_{report.fiscal_year.short}.xlsx"


def origin_of(sheet: EntrySheet) -> Origin:
    """The draft and its state, as it is written into the file."""
    report = sheet.report
    return Origin(
        template=TEMPLATE,
        center=report.plan.center.code,
        plan=report.plan.code,
        fiscal_year=str(report.fiscal_year.start),
        report=str(report.pk),
        version=str(report.version),
        as_of=report.as_of.isoformat(),
        lines=tuple(
            StoredLine(
                code=line.indicator.code,
                name=clean_text(line.indicator.name),
                unit=clean_text(line.indicator.unit),
                **{name: clean_text(text) for name, text in line_texts(line, sheet).items()},
            )
            for line in sheet.lines
        ),
    )


def _title(report: Report) -> str:
    return f"{report.plan.center.short_name} {report.fiscal_year.wareki} 実績 入力様式"


# -- 実績入力 --


def _form(sheet: EntrySheet) -> FormSheet:
    report, has_proposals = sheet.report, sheet.has_proposals
    earlier = "前年度実績" if sheet.earlier_is_last_year else "直近の実績"
    columns: list[tuple[str, float]] = [
        (CODE, 17), (NAME, 30), ("単位", 8), (earlier, 13), ("その年度・値の区分", 13), (f"{report.fiscal_year.short}目標", 14),
        *([("提案値", 11), ("提案の根拠", 30)] if has_proposals else []),
        (VALUE, 15), (DASH, 10), (CERTAINTY, 12), (NOTE, 36),
    ]  # fmt: skip
    headings = [FormCell(text, "heading") for text, _width in columns]
    return FormSheet(
        name=SHEET,
        title=_title(report),
        subtitle=report.plan.label,
        widths=[width for _text, width in columns],
        heading=[_as_of_row(sheet, len(columns)), headings],
        body=[_row(line, sheet, has_proposals=has_proposals) for line in sheet.lines],
        notes=_NOTES,
        freeze_columns=2,
        protected=True,
    )


def _as_of_row(sheet: EntrySheet, columns: int) -> list[FormCell]:
    first_day = sheet.report.fiscal_year.first_day
    check = CellCheck("date", f"{era_date_short(first_day)}以降の日付を記入してください。", least=first_day)
    return [
        FormCell("薄い黄色の欄だけに記入する。", "heading", align="left", colspan=columns - 4),
        FormCell(AS_OF, "heading"),
        FormCell(sheet.report.as_of, "input", '[$-411]ggge"年"m"月"d"日"', "center", colspan=3, check=check),
    ]


def _row(line: EntryLine, sheet: EntrySheet, *, has_proposals: bool) -> list[FormCell]:
    one, texts = line.indicator, line_texts(line, sheet)
    earlier = None if line.earlier is None else _shown(one, line.earlier.value)
    target = None if line.target is None else _shown(one, line.target)
    behind = unit_and_comparator("", one.comparator, is_printed=one.prints_comparator)
    return [
        FormCell(one.code, "label"),
        FormCell(f"{one.name}（{line.words.kind}）", "label"),
        FormCell(one.unit, "unit"),
        FormCell(earlier, "number", number_format("", one.decimals)),
        FormCell("定義の変更により比較しない" if line.breaks else line.words.earlier_note, align="center"),
        FormCell(target, "number", number_format("", one.decimals, f"{one.unit}{behind}" if behind else "")),
        *(_proposal(line) if has_proposals else []),
        *_inputs(one, texts),
    ]


def _shown(one: Indicator, value: Decimal) -> Decimal:
    return display(value, scale=one.scale, decimals=one.decimals, rounding=one.rounding)


def _proposal(line: EntryLine) -> list[FormCell]:
    pattern = number_format("", line.indicator.entry_decimals)
    if line.proposed is None:
        return [FormCell("", "number", pattern), FormCell("")]
    proposal = line.proposed.proposal
    value: CellValue = line.proposed.text
    if proposal.value is not None and proposal.value == proposal.most:
        value = proposal.value / line.indicator.scale
    return [FormCell(value, "number", pattern), FormCell(line.proposed.source)]


def _inputs(one: Indicator, texts: dict[str, str]) -> list[FormCell]:
    is_dash = texts["value"] == NOT_APPLICABLE_TEXT
    value = None if is_dash or not texts["value"] else _number(texts["value"])
    words = tuple(PRINTED_CERTAINTY.values())[::-1]
    return [
        FormCell(value, "input", number_format("", one.entry_decimals), "right", check=_bounds(one)),
        FormCell(
            NOT_APPLICABLE if is_dash else None,
            "input",
            align="center",
            check=CellCheck("list", "「－」を選ぶか、空欄にしてください。", (NOT_APPLICABLE,)),
        ),
        FormCell(
            PRINTED_CERTAINTY[texts["certainty"]],  # type: ignore[index]  # a StrEnum is found by its text
            "input",
            align="center",
            check=CellCheck("list", f"{'・'.join(words)}から選んでください。", words),
        ),
        FormCell(
            texts["note"] or None,
            "input",
            check=CellCheck("textLength", f"備考は{LONGEST_NOTE}字までです。", most=LONGEST_NOTE),
        ),
    ]


def _number(text: str) -> Decimal:
    """The reverse of `check_messages.figure`."""
    return Decimal(text.replace(",", "").replace(money.negative_mark(), "-"))


def _bounds(one: Indicator) -> CellCheck:
    step = Decimal(1).scaleb(-one.entry_decimals)
    lowest, highest = (
        (default if bound is None else bound) / one.scale
        for bound, default in zip(one.bounds, (-LARGEST, LARGEST), strict=True)
    )
    least, most = lowest.quantize(step, "ROUND_CEILING"), highest.quantize(step, "ROUND_FLOOR")
    kind, words = (
        ("decimal", f"小数{one.entry_decimals}桁までの数") if one.entry_decimals else ("whole", "整数")
    )
    message = (
        f"{one.unit}を単位とする{words}だけを記入してください。該当しないときは右の欄で「－」を選びます。"
    )
    return CellCheck(kind, message, least=least, most=most)  # type: ignore[arg-type]


# -- where it came from --


def _info(origin: Origin) -> FormSheet:
    rows = [(label, getattr(origin, key)) for key, label in INFO_KEYS.items()]
    return FormSheet(
        name=INFO,
        title=INFO,
        widths=[26, 80],
        heading=[[FormCell("項目", "heading"), FormCell("値", "heading")]],
        body=[[FormCell(label, "label"), FormCell(value)] for label, value in [*rows, (SEAL, origin.seal())]],
        notes=[
            "この様式がどの下書きから作られたかを示す。変更しないこと（変更すると取り込めない）。",
            f"作成時に保存されていた値は「{STORED}」にある。取込みの際に、その後の変更と見分けるために使う。",
        ],
        protected=True,
    )


def _stored(origin: Origin) -> DataSheet:
    rows = [[getattr(line, key) for key in STORED_COLUMNS] for line in origin.lines]
    return DataSheet(STORED, [Column(key) for key in STORED_COLUMNS], rows, protected=True)
