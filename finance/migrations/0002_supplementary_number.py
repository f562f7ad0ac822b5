"""A second supplementary budget is a thing of its own: its number stands on the statement (domain.md, "Money")."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def number_what_is_there(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whatever was kept until now is the first one and its corrections."""
    statements = apps.get_model("finance", "Statement").objects.using(schema_editor.connection.alias)
    statements.filter(stage="supplementary").update(supplement=1)


def number_no_more(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Later ones become what they had to be before: corrections, after all that the first one had, with that reason."""
    statements = apps.get_model("finance", "Statement").objects.using(schema_editor.connection.alias)
    supplementary = statements.filter(stage="supplementary")
    for one in supplementary.filter(supplement__gt=1).order_by("supplement", "revision"):
        of_year = supplementary.filter(center=one.center_id, fiscal_year=one.fiscal_year, supplement__lte=1)
        highest = of_year.aggregate(highest=models.Max("revision"))["highest"] or 0
        # Each row once: PostgreSQL alters no table after a row was updated twice ("pending trigger events").
        supplementary.filter(pk=one.pk).update(
            supplement=0, revision=highest + 1, reason=one.reason or f"第{one.supplement}号補正"
        )
    supplementary.filter(supplement=1).update(supplement=0)


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="statement",
            options={"ordering": ["fiscal_year", "stage", "supplement", "revision"]},
        ),
        migrations.AddField(
            model_name="statement",
            name="supplement",
            field=models.PositiveSmallIntegerField(
                default=0, verbose_name="Number of the supplementary budget"
            ),
        ),
        # Taken off before the rows are numbered and put on after, in either direction.
        migrations.RemoveConstraint(model_name="statement", name="finance_statement_revision_unique"),
        migrations.RunPython(number_what_is_there, number_no_more),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "supplementary"), ("supplement__gte", 1)),
                    models.Q(models.Q(("stage", "supplementary"), _negated=True), ("supplement", 0)),
                    _connector="OR",
                ),
                name="finance_statement_supplement_numbered",
                violation_error_message="A supplementary budget has a number, and nothing else has.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                fields=("center", "fiscal_year", "stage", "supplement", "revision"),
                name="finance_statement_revision_unique",
                violation_error_message="This revision of the statement exists already.",
            ),
        ),
    ]
