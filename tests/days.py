"""The days on which tests take place, for the files that ask for one: `pytest.mark.usefixtures("autumn")`."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from tests.builders.plans import tokyo

TODAY = date(2026, 11, 24)
AT = tokyo(TODAY)


@pytest.fixture
def autumn() -> Iterator[None]:
    """Ten in the morning of 2026-11-24."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def early_june() -> Iterator[None]:
    """Ten in the morning of 2024-06-03, when a year's figures are being gathered."""
    with time_machine.travel(tokyo(date(2024, 6, 3)), tick=False):
        yield
