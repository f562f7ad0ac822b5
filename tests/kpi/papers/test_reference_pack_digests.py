"""The reference pack stays what it is, byte for byte, until somebody wants it otherwise.

`reference_pack_digests.txt` holds a SHA-256 for every entry of the workbook's zip, sheets by their names, and for every
data table as CSV and JSON. Entries are unpacked first, for zlib's versions pack differently. Where a change is wanted, look
at what the failing test names, renew the file, and commit it with the change:

    RENEW_DIGESTS=1 .venv/bin/python -m pytest tests/kpi/papers/test_reference_pack_digests.py
"""

import hashlib
import io
import os
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from iconm_portal.models import Center, Role
from tests.builders.plans import tokyo
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db
KEPT = Path(__file__).with_name("reference_pack_digests.txt")
DAYS = (date(2022, 1, 27), date(2022, 4, 30))  # of the report; in the first year of the agreements after it
TABLES = """kpi-targets kpi-achievement balance direct-goals initiatives initiative-goals support-work support records
agreements provisions duties verifications chronology facts codes""".split()


def test_the_reference_pack_is_the_same_as_it_was(iconm: Center, tmp_path: Path, time_machine) -> None:
    time_machine.move_to(tokyo(date(2022, 5, 1)), tick=False)
    found = {name: digest for day in DAYS for name, digest in given_out(iconm, day, tmp_path).items()}
    if os.environ.get("RENEW_DIGESTS") == "1":
        KEPT.write_text("".join(f"{digest}  {name}\n" for name, digest in found.items()))
        pytest.skip(f"wrote {KEPT.name}: look at its diff")
    kept = {name: digest for digest, name in (line.split("  ", 1) for line in KEPT.read_text().splitlines())}
    changed = [name for name in [*kept, *found] if kept.get(name) != found.get(name)]
    assert not changed, "no longer the same: " + ", ".join(dict.fromkeys(changed))


def given_out(center: Center, day: date, folder: Path) -> dict[str, str]:
    """Digests of the pack as known on the day, and of its tables as files, by name."""
    path = folder / f"{day}.xlsx"
    call_command("committee_pack", center=center.code, as_of=day.isoformat(), out=path, stdout=io.StringIO())
    with ZipFile(path) as entries:
        contents = {name: entries.read(name) for name in entries.namelist()}
    for number, sheet in enumerate(load_workbook(path, read_only=True).sheetnames, 1):
        contents[sheet] = contents.pop(f"xl/worksheets/sheet{number}.xml")
    client = client_of(make_person(f"viewer-{day}", center.supporter, Role.VIEWER))
    for table in TABLES:
        for ending in ("csv", "json"):
            response = client.get(f"/{center.code}/data/{table}.{ending}", {"known_at": day.isoformat()})
            if response.status_code == 200:
                contents[f"{table}.{ending}"] = response.content
    return {f"{day} {name}": hashlib.sha256(content).hexdigest() for name, content in contents.items()}
