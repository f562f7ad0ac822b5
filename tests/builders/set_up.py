"""Set-up workbooks: checked, and with one thing to add."""

import io

from openpyxl import load_workbook

from iconm_portal.forms import files
from iconm_portal.models import Center, SetUp, User
from kpi.loading.set_up import actions, workbook
from tests.days import AT, TODAY


def filled(center: Center, code: str = "forum") -> bytes:
    """The center's workbook with one post."""
    book = load_workbook(io.BytesIO(workbook.write(center, [], TODAY)))
    sheet = book["役職"]
    sheet["A5"], sheet["B5"], sheet["C5"] = code, 9, "運営委員"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def make_set_up(center: Center, *, by: User, code: str = "forum") -> SetUp:
    """Uploaded and checked, not yet put forward."""
    file = files.CheckedFile("設定.xlsx", files.XLSX, filled(center, code))
    return actions.upload(center=center, file=file, document="移行資料", document_on=TODAY, by=by, at=AT)


def make_set_ups(center: Center, *, city: User, foundation: User) -> None:
    """One that lies before the city, and a draft."""
    proposed = make_set_up(center, by=foundation)
    actions.propose(set_up=proposed, version=proposed.version, by=foundation, at=AT)
    make_set_up(center, by=foundation, code="council")
