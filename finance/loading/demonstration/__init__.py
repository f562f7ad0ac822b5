"""The fictional center's money: its accounts in a reference file, its statements and its ledger in a story."""

from pathlib import Path

from agreements.consultations import actions as consultations
from agreements.models import Consultation
from finance.ledger import actions as ledger
from finance.ledger import closing_actions
from finance.loading.reference import TABLES
from finance.models import Statement
from finance.statements import actions as statements
from finance.statements import draft_actions
from finance.statements.draft_actions import Content
from iconm_portal.imports.story import Player

FOLDER = Path(__file__).resolve().parent
SUBJECTS = {
    "closings": [closing_actions],
    "consultations": [consultations],
    "ledger": [ledger],
    "statements": [draft_actions, statements],
}


def load(player: Player) -> None:
    """The facts, then the story; after the agreements."""
    player.perform(
        FOLDER, TABLES, SUBJECTS, {"consultation": Consultation, "content": Content, "statement": Statement}
    )
