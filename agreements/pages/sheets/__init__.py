"""The agreements' part of the committee pack: 様式 sheets to read and print, and the same for machines. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterator, Sequence

from agreements.duties.duty_status import Fulfilment
from agreements.duties.sheets import DUTIES_DATA, DUTIES_SHEET, DUTIES_STATUS, duties_data, duties_sheet
from agreements.support.sheets import (
    SUPPORT_DATA,
    SUPPORT_SHEET,
    SUPPORT_STATUS,
    limit_text,
    support_data,
    support_sheet,
)
from agreements.support.support import Measure

__all__ = [
    "DUTIES_DATA",
    "DUTIES_SHEET",
    "SUPPORT_DATA",
    "SUPPORT_SHEET",
    "definitions",
    "duties_data",
    "duties_sheet",
    "support_data",
    "support_sheet",
]


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
