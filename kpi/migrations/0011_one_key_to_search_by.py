"""What records are searched and compared by is made anew: one letter has one meaning now (iconm_portal/values/written/letters.py)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from iconm_portal.values.written.letters import folded

AT_ONCE = 2_000


def make_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """In the order of the rows, so many at a time."""
    records = apps.get_model("kpi", "Record").objects.using(schema_editor.connection.alias)
    last = 0
    while rows := list(records.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last, others = rows[-1].pk, []
        for row in rows:
            words = (row.title, row.reference, row.partner, row.theme, row.became, row.note)
            found = folded("\n".join(word for word in words if word))[:900]
            keys = (folded(row.title), folded(row.reference), found)
            if keys != (row.title_key, row.reference_key, row.search_text):
                row.title_key, row.reference_key, row.search_text = keys
                others.append(row)
        records.bulk_update(others, ["title_key", "reference_key", "search_text"])


class Migration(migrations.Migration):
    dependencies = [("kpi", "0010_same_records")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
