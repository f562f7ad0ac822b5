"""People to log in as, and a clearly fictional second center in which every feature can be seen at work.

Everything here is invented. iCONM gets people only, never a figure.
"""

from django.db import transaction

from agreements.loading import demonstration as agreements
from agreements.loading.demonstration.cast import SOURCE, People
from finance.loading import demonstration as finance
from iconm_portal.history import history
from iconm_portal.models import Center, Organisation
from kpi.loading.demonstration import figures, papers, prepared, register
from kpi.loading.demonstration.accounts import (
    DEMO_PEOPLE,
    ICONM_PEOPLE,
    PASSWORD,
    Account,
    add_people,
    person,
)

__all__ = ["PASSWORD", "Account", "load"]


@transaction.atomic
def load() -> list[Account]:
    """Add what is missing of people and the fictional center; returns everyone there is to log in as."""
    add_people(ICONM_PEOPLE)
    if not Organisation.objects.filter(code="umikaze-city").exists():
        center = _add_parties()
        add_people(DEMO_PEOPLE)
        people = People(city=person("umikaze-city-staff"), foundation=person("umikaze-foundation-staff"))
        agreements.load(center, people)
        finance.load(center, people)
        figures.load(center)
        register.load(center, people)
        prepared.load(center, people)
        papers.load(center, people)
    return ICONM_PEOPLE + DEMO_PEOPLE


def _add_parties() -> Center:
    city = Organisation.objects.create(
        code="umikaze-city", name="海風市（架空）", name_en="Umikaze City (fictional)"
    )
    foundation = Organisation.objects.create(
        code="umikaze-foundation", name="海風産業財団（架空）", name_en="Umikaze Foundation (fictional)"
    )
    center = Center.objects.create(
        code="midoridai",
        position=9,
        name="みどり台ラボ（架空）",
        name_en="Midoridai Lab (fictional)",
        short_name="みどり台ラボ",
        supporter=city,
        operator=foundation,
        fictional=True,
    )
    history.record(by=SOURCE, action="center.add", subject=center, center=center, after={"name": center.name})
    return center
