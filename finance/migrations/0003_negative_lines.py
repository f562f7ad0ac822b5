"""A line may lessen its account (戻入, 更正): what makes a reversal is what it names, not its sign (decision 30)."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def refuse_with_such_lines(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The earlier ledger knew none, and no line is ever taken out of a ledger."""
    entries = apps.get_model("finance", "Entry").objects.using(schema_editor.connection.alias)
    if entries.filter(amount__lt=0, reverses=None).exists() or entries.filter(
        amount__gt=0, reverses__isnull=False
    ).exists():
        raise RuntimeError("The ledger holds negative lines, which the earlier version cannot keep.")


class Migration(migrations.Migration):
    dependencies = [("finance", "0002_supplementary_number")]

    operations = [
        migrations.RemoveConstraint(model_name="entry", name="finance_entry_negative_reverses"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True),
                name="finance_entry_of_something",
                violation_error_message="An amount of 0 is no entry.",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_with_such_lines),  # the first on the way back
    ]
