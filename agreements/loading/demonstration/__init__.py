"""The fictional center's agreements, in which every state can be seen: facts in reference files, deeds in a story."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agreements.consultations import actions as consultations
from agreements.duties import actions as duties
from agreements.duties import programme_actions
from agreements.editions import actions as editions
from agreements.editions import draft_actions
from agreements.instruments import actions as instruments
from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.loading.demonstration import deeds
from agreements.loading.reference import TABLES
from agreements.models import Agreement, Consultation, Criterion, Duty, Verdict, Verification
from agreements.support import actions as support
from agreements.verifications import actions as verifications
from iconm_portal.forms.files import CheckedFile
from iconm_portal.imports.reference_files import Table
from iconm_portal.imports.story import Player

FOLDER = Path(__file__).resolve().parent
SUBJECTS = {
    "agreements": [instruments],
    "annual": [annual_actions],
    "conclusions": [conclusion_actions],
    "consultations": [consultations],
    "drafts": [draft_actions],
    "duties": [duties, programme_actions],
    "editions": [editions],
    "endings": [ending_actions],
    "support": [support],
    "verifications": [verifications],
    "wording": [deeds],
}
_WORDS = {
    "agreement": Agreement,
    "consultation": Consultation,
    "duty": Duty,
    "documents": Sequence[duties.Document],
    "judgements": Mapping[Criterion, str],
    "scan": CheckedFile,
    "verdict": Verdict,
    "verification": Verification,
}
# No file brings them, but deeds name them.
_DUTIES = Table("", Duty, ("obligation__agreement__code", "obligation__code", "fiscal_year"))


def load(player: Player) -> None:
    """The facts, then the story."""
    player.loader.know([_DUTIES])
    player.perform(FOLDER, TABLES, SUBJECTS, _WORDS)


def load_verifications(player: Player) -> None:
    """After the settlements and the reports that are verified."""
    player.perform(FOLDER, [], SUBJECTS, _WORDS, story="verifications.toml")
