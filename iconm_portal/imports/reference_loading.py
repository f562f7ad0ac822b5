"""The reference center and its two parties (T9) from `iconm_portal/reference/`, by natural codes."""

from pathlib import Path

from django.db import transaction

from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_files import LoadResult, rows
from iconm_portal.models import Center, Organisation

TABLES = Path(__file__).resolve().parent / "reference"


@transaction.atomic
def load(result: LoadResult) -> Center:
    """Add the organisations and the center if they are missing; the center is returned for the apps' own tables."""
    organisations = {}
    for row in rows(TABLES / "organisations.csv"):
        organisation, added = result.add_or_compare(
            Organisation, {"code": row["code"]}, {"name": row["name"], "name_en": row["name_en"]}
        )
        organisations[row["code"]] = organisation
        if added:
            history.record(
                by=Source(row["source"]),
                action="organisation.add",
                subject=organisation,
                organisation=organisation,
                after={"name": organisation.name},
            )
    center = None
    for row in rows(TABLES / "centers.csv"):
        facts = {name: row[name] for name in ("name", "name_en", "short_name")}
        parties = {side: organisations[row[side]] for side in ("supporter", "operator")}
        center, added = result.add_or_compare(Center, {"code": row["code"]}, facts | parties)
        if added:
            history.record(
                by=Source(row["source"]), action="center.add", subject=center, center=center, after=facts
            )
    if center is None:
        raise ValueError("centers.csv names no center")
    return center
