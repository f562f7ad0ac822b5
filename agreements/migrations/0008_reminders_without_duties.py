"""A reminder is about a day of a duty, stored or not, or of an agreement: it hangs on no duty any more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("agreements", "0007_what_reminders_are_about")]

    operations = [
        migrations.RemoveConstraint("reminder", "agreements_reminder_once"),
        migrations.RemoveField("reminder", "duty"),
        migrations.AlterField(
            "reminder",
            "center",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.center"
            ),
        ),
        migrations.AddConstraint(
            "reminder",
            models.UniqueConstraint(
                fields=("about", "person", "kind", "due_on"),
                name="agreements_reminder_once",
                violation_error_message="This reminder was claimed already.",
            ),
        ),
    ]
