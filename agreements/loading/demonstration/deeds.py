"""What the story does with the wordings that lie beside it."""

from datetime import datetime
from pathlib import Path

from agreements.editions.official_wording import actions
from agreements.editions.official_wording.actions import import_wording
from agreements.models import Edition, WordingProposal
from agreements.wording import parse
from iconm_portal.models import User


def import_text(*, edition: Edition, version: int, file: str, by: User, at: datetime) -> WordingProposal:
    """The official wording of an edition, from a text in this folder, put before the other side."""
    made = import_wording(
        edition=edition,
        version=version,
        wording=parse((Path(__file__).parent / file).read_text("utf-8")),
        file_name=f"{edition.agreement.short_title}.txt",
        by=by,
        at=at,
    )
    assert isinstance(made, WordingProposal)  # noqa: S101 - only first editions get theirs here
    return made


confirm = actions.confirm
