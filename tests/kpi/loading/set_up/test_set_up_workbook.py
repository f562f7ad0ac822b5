"""The set-up workbook: what a center has is written into it, and read back as the same tables."""

from datetime import date

import pytest
from django.utils import translation

from iconm_portal.imports.reference_files import Loader
from iconm_portal.models import Center
from kpi.loading.reference import load_from
from kpi.loading.set_up import export, workbook
from kpi.loading.set_up.reading import SetUpWorkbook
from kpi.loading.set_up.sheets import sheets

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 1)


def file_of(center: Center, *, is_blank: bool = False) -> bytes:
    return workbook.write(center, [] if is_blank else export.exported(center, TODAY), TODAY)


def read(data: bytes, center: Center) -> Loader:
    loader = Loader(center=center, source="管理運営協定書（令和2年3月20日）")
    with SetUpWorkbook(data, "set-up.xlsx", center) as tables:
        load_from(tables, loader)
    return loader


def test_what_iconm_has_is_read_back_as_it_is(iconm: Center) -> None:
    result = read(file_of(iconm), iconm).result
    assert (result.added, result.differing) == (0, [])
    assert result.identical > 400


def test_a_blank_one_says_nothing(iconm: Center) -> None:
    result = read(file_of(iconm, is_blank=True), iconm).result
    assert (result.added, result.identical, result.differing) == (0, 0, [])


def test_every_heading_and_sheet_has_a_word_of_its_own() -> None:
    for language in ("ja", "en"):
        with translation.override(language):
            titles = [sheet.title for sheet in sheets()]
            assert len(set(titles)) == len(titles)
            for sheet in sheets():
                labels = [column.label for column in sheet.columns]
                assert len(set(labels)) == len(labels), sheet.title
                assert not {column.key for column in sheet.columns} & set(labels), sheet.title
