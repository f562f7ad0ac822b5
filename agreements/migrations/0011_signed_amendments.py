"""That an amendment was signed is recorded as a conclusion, after its wording was confirmed."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor



def as_conclusions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Of confirmed amendments; what had been typed for others is still in the history of their proposal."""
    using = schema_editor.connection.alias
    conclusions = apps.get_model("agreements", "Conclusion").objects.using(using)
    editions = apps.get_model("agreements", "Edition").objects.using(using)
    for edition in editions.filter(state="confirmed", number__gt=1, concluded_on__isnull=False):
        conclusions.create(
            agreement_id=edition.agreement_id,
            edition=edition,
            concluded_on=edition.concluded_on.isoformat(),
            document_number=edition.document_number,
            scan_id=edition.scan_id,
            state="confirmed",
            known_from=edition.known_from,
            recorded_at=edition.proposed_at or edition.recorded_at,
            recorded_by_id=edition.proposed_by_id,
            source=edition.source,
            proposed_at=edition.proposed_at,
            proposed_by_id=edition.proposed_by_id,
            proposed_side=edition.proposed_side,
            confirmed_at=edition.confirmed_at,
            confirmed_by_id=edition.confirmed_by_id,
        )


def as_columns(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Back to the amendment itself, where the day is known."""
    using = schema_editor.connection.alias
    conclusions = apps.get_model("agreements", "Conclusion").objects.using(using)
    editions = apps.get_model("agreements", "Edition").objects.using(using)
    for row in conclusions.filter(edition__isnull=False).order_by("revision"):
        if row.state == "confirmed" and len(row.concluded_on) == len("2022-03-25"):
            editions.filter(pk=row.edition_id).update(
                concluded_on=row.concluded_on, document_number=row.document_number, scan_id=row.scan_id
            )
    conclusions.filter(edition__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [("agreements", "0010_amended_obligations"), ]

    operations = [
        migrations.RunPython(as_conclusions, as_columns),
        migrations.RemoveField(
            model_name='edition',
            name='concluded_on',
        ),
        migrations.RemoveField(
            model_name='edition',
            name='document_number',
        ),
        migrations.RemoveField(
            model_name='edition',
            name='scan',
        ),
    ]
