"""People to log in as, and a clearly fictional second center in which every feature can be seen at work.

Everything here is invented. iCONM gets people only, never a figure.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction

from agreements.consultations import actions as consultations
from agreements.loading import demonstration as agreements
from finance.loading import demonstration as finance
from iconm_portal.forms.files import CheckedFile
from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports import reference_loading as ground
from iconm_portal.imports.reference_files import Loader, Table
from iconm_portal.imports.reference_lines import CsvFolders, ReferenceLine
from iconm_portal.imports.story import Player
from iconm_portal.models import Center, Organisation, User
from iconm_portal.people import auditor_actions
from kpi.initiatives import actions as initiatives
from kpi.initiatives.official_texts import actions as official_texts
from kpi.loading.demonstration import deeds
from kpi.loading.reference import TABLES
from kpi.models import Indicator, Report
from kpi.papers import actions as packs
from kpi.plans import actions as plans
from kpi.register import actions as records
from kpi.reports import actions as reports
from kpi.targets import actions as proposals
from kpi.targets import next_plan_actions
from kpi.value_sources.entry_values import Entered

PASSWORD = "portal-demo-2026"  # noqa: S105 - for demonstration only, and printed by the command
FOLDER = Path(__file__).resolve().parent
SUBJECTS = {
    "consultations": [consultations],
    "initiatives": [initiatives],
    "official_texts": [official_texts, deeds],
    "next_plan": [next_plan_actions, deeds],
    "openings": [deeds],
    "packs": [packs, deeds],
    "proposals": [proposals],
    "records": [records],
    "reports": [reports, deeds],
    "targets": [plans, deeds],
}
_WORDS = {
    "entered": Mapping[Indicator, Entered],
    "new_files": Mapping[Indicator, Sequence[CheckedFile]],
    "report": Report,
}


def _add_person(person: User, line: ReferenceLine) -> User:
    person.set_password(PASSWORD)
    person.is_demonstration = True
    person.full_clean()
    person.save()
    history.record(
        by=Source(line.cell("source")),
        action="person.add",
        subject=person,
        organisation=person.organisation,
        after={"role": str(person.role)},
    )
    return person


_PEOPLE = Table("people.csv", User, ("username",), add=_add_person)


@transaction.atomic
def load() -> list[User]:
    """Add what is missing of people and the fictional center; returns everyone there is to log in as."""
    is_new = not Organisation.objects.filter(code="umikaze-city").exists()
    loader = Loader()
    loader.load(FOLDER, [*ground.TABLES, _PEOPLE])
    if is_new:
        auditor_actions.install(
            center=Center.objects.get(code="midoridai"),
            organisation=Organisation.objects.get(code="umikaze-audit-office"),
            by=Source("見本"),
        )
        staff = {side: User.objects.get(username=f"umikaze-{side}-staff") for side in ("city", "foundation")}
        player = Player(loader, staff)
        agreements.load(player)
        finance.load(player)
        player.perform(FOLDER, TABLES, SUBJECTS, _WORDS)
        agreements.load_verifications(player)
        player.perform(FOLDER, [], SUBJECTS, _WORDS, story="packs.toml")
    return [person for _line, person, _names in loader.read(CsvFolders(FOLDER), _PEOPLE)]
