from django.db import migrations, models
from django.db.models import Q


def people_were_approximate_with_the_rest(apps, schema_editor):
    """One mark stood for both numbers of a record until now."""
    records = apps.get_model("kpi", "Record").objects.filter(is_approximate=True, people__isnull=False)
    records.update(people_are_approximate=True)


class Migration(migrations.Migration):

    dependencies = [
        ("kpi", "0007_official_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="record",
            name="is_level",
            field=models.BooleanField(default=False, verbose_name="Level at a time"),
        ),
        migrations.AddField(
            model_name="record",
            name="people_are_approximate",
            field=models.BooleanField(default=False, verbose_name="About so many people"),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=Q(is_level=False) | Q(is_period_total=False),
                name="kpi_record_level_is_no_total",
                violation_error_message="A level stands at a time; it is no total of a period.",
            ),
        ),
        migrations.RunPython(people_were_approximate_with_the_rest, migrations.RunPython.noop),
    ]
