"""What the ledger is searched by is made anew: one letter has one meaning now (iconm_portal/values/written/letters.py)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from iconm_portal.values.written.letters import folded

AT_ONCE = 2_000


def make_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """In the order of the rows, so many at a time: a ledger has hundreds of thousands of lines."""
    entries = apps.get_model("finance", "Entry").objects.using(schema_editor.connection.alias)
    last = 0
    while rows := list(entries.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last, others = rows[-1].pk, []
        for row in rows:
            text = "\n".join(folded(text) for text in (row.counterparty, row.description, row.voucher))
            if text != row.search_text:
                row.search_text = text
                others.append(row)
        entries.bulk_update(others, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_negative_lines")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
