"""What makes two records the same is the category's own choice."""

from django.db import migrations, models


def choose_for_what_is_there(apps, schema_editor):
    """A number names one thing (出願番号, 法人番号); where an article appeared (掲載先) does so with its title and day only."""
    categories = apps.get_model("kpi", "Category").objects.using(schema_editor.connection.alias)
    with_reference = categories.exclude(reference_label="")
    with_reference.update(same_reference=True)
    with_reference.filter(reference_label__contains="番号").update(same_title=False, same_date=False)


class Migration(migrations.Migration):

    dependencies = [
        ('kpi', '0009_order_of_records'),
        ('portal', '0015_undone_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='same_date',
            field=models.BooleanField(default=True, verbose_name='The same by date'),
        ),
        migrations.AddField(
            model_name='category',
            name='same_partner',
            field=models.BooleanField(default=False, verbose_name='The same by institution'),
        ),
        migrations.AddField(
            model_name='category',
            name='same_reference',
            field=models.BooleanField(default=False, verbose_name='The same by reference'),
        ),
        migrations.AddField(
            model_name='category',
            name='same_title',
            field=models.BooleanField(default=True, verbose_name='The same by title'),
        ),
        migrations.RunPython(choose_for_what_is_there, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('same_reference', True), ('same_title', True), ('same_date', True), _connector='OR'), name='kpi_category_same_by_something', violation_error_message='Records are the same by their reference, title or date at least.'),
        ),
    ]
