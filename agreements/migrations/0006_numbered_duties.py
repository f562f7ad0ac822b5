"""A duty has a number in its year; an obligation may name the deed that fulfils it; a reminder says what it is about."""

import django.db.models.deletion
from django.db import migrations, models



class Migration(migrations.Migration):

    dependencies = [
        ("agreements", "0005_reported_facts"),
        ("portal", "0001_initial"),
    ]

    operations = [
        migrations.AddField("duty", "number", models.PositiveSmallIntegerField(default=1, verbose_name="Number")),
        migrations.AlterModelOptions("duty", options={"ordering": ["fiscal_year", "due_on", "number", "pk"]}),
        migrations.RemoveConstraint("duty", "agreements_duty_once_a_year"),
        migrations.AddConstraint(
            "duty",
            models.UniqueConstraint(
                fields=("obligation", "fiscal_year", "number"),
                name="agreements_duty_once_a_year",
                violation_error_message="The duty of this year is stored already.",
            ),
        ),
        migrations.AddField(
            "obligation", "deed", models.CharField(blank=True, max_length=40, verbose_name="Fulfilled by")
        ),
        migrations.AddField(
            "reminder",
            "center",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.center"
            ),
        ),
        migrations.AddField("reminder", "about", models.CharField(default="", max_length=300), preserve_default=False),
        migrations.AddField("reminder", "title", models.CharField(blank=True, default="", max_length=300), preserve_default=False),
        migrations.AlterField(
            "reminder",
            "duty",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="agreements.duty",
            ),
        ),
    ]
