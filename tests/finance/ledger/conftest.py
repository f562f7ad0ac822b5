"""Sending files to the two imports of finance, as their pages do."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finance.ledger.imports.kind import ENTRIES
from finance.statements.import_kind import STATEMENT
from iconm_portal.imports import importing
from iconm_portal.models import Center, TableImport, User
from tests.builders.imports import looked_at
from tests.builders.plans import tokyo

TODAY = tokyo(date(2026, 5, 1))


@pytest.fixture
def ledger(center: Center, foundation_staff: User) -> Callable[..., TableImport]:
    def send(file: SimpleUploadedFile) -> TableImport:
        return importing.upload(
            spec=ENTRIES, center=center, file=looked_at(file), params={}, by=foundation_staff, at=TODAY
        )

    return send


@pytest.fixture
def statement(center: Center, foundation_staff: User) -> Callable[..., TableImport]:
    def send(
        file: SimpleUploadedFile, *, year: int = 2024, stage: str = "settlement", unit: str = "yen"
    ) -> TableImport:
        params = {"year": year, "stage": stage, "unit": unit}
        return importing.upload(
            spec=STATEMENT, center=center, file=looked_at(file), params=params, by=foundation_staff, at=TODAY
        )

    return send
