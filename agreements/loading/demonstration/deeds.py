"""What the story does with the wordings that lie beside it."""

from datetime import datetime
from pathlib import Path

from agreements.editions.official_wording.actions import import_wording
from agreements.models import Edition
from agreements.wording import parse
from iconm_portal.models import User


def import_text(*, edition: Edition, version: int, file: str, by: User, at: datetime) -> None:
    """The official wording of an edition, from a text in this folder."""
    import_wording(
        edition=edition,
        version=version,
        wording=parse((Path(__file__).parent / file).read_text("utf-8")),
        file_name=f"{edition.agreement.short_title}.txt",
        by=by,
        at=at,
    )
