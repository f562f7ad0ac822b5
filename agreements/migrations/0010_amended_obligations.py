"""What an amendment makes of obligations and amounts, and what it stores of a wording drafted over summaries."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import iconm_portal.values.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor



def told_apart(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Of amendments that are there: what they change, what they take out, and whether they were drafted over summaries.

    A copy has a higher key than all that was there when it was made; what came into the edition before later is no part
    of what it took out.
    """
    using = schema_editor.connection.alias
    editions = apps.get_model("agreements", "Edition").objects.using(using)
    provisions = apps.get_model("agreements", "Provision").objects.using(using)
    over_summaries: dict[int, bool] = {}
    for edition in editions.filter(number__gt=1).order_by("agreement", "number"):
        own = list(provisions.filter(edition=edition).select_related("continues"))
        before = {row.pk: row for row in provisions.filter(edition=edition.based_on_id)}
        first = min((row.pk for row in own), default=0)
        # A copy without a text, of a provision that has one by now, was made before that was imported.
        came_later = any(not row.text and row.continues and row.continues.text for row in own)
        has_text = any(row.text for row in before.values())
        below = over_summaries.get(edition.based_on_id, False)
        is_over = not edition.imported_from and (below or came_later or not has_text)
        over_summaries[edition.pk] = is_over
        editions.filter(pk=edition.pk).update(is_over_summaries=is_over)
        for row in own:
            went_on = row.continues
            same = went_on is not None and row.heading == went_on.heading and row.summary == went_on.summary
            unchanged = same and (row.text == went_on.text or (is_over and not row.text))
            provisions.filter(pk=row.pk).update(is_amended=not unchanged)
        kept = {row.continues_id for row in own}
        edition.removes.set(row for pk, row in before.items() if pk not in kept and pk < first)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0009_joint_conclusions"), ]

    operations = [
        migrations.CreateModel(
            name='ObligationChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('unchanged', 'stays as it is'), ('new_rule', 'falls due otherwise'), ('dropped', 'no longer asked for')], max_length=20, verbose_name='What becomes of it')),
                ('from_year', iconm_portal.values.fields.FiscalYearField(blank=True, null=True, verbose_name='From the duty for')),
                ('due_month', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name='Due month')),
                ('due_day', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31)], verbose_name='Due day')),
                ('due_year_offset', models.SmallIntegerField(default=0, validators=[django.core.validators.MinValueValidator(-2), django.core.validators.MaxValueValidator(3)], verbose_name="Years from the fiscal year's first calendar year")),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='Due on')),
            ],
            options={
                'ordering': ['edition_id', 'obligation__position', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='edition',
            name='contribution',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='Contribution (yen)'),
        ),
        migrations.AddField(
            model_name='edition',
            name='is_over_summaries',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='edition',
            name='removes',
            field=models.ManyToManyField(blank=True, related_name='+', to='agreements.provision'),
        ),
        migrations.AddField(
            model_name='extension',
            name='edition',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.edition'),
        ),
        migrations.AddField(
            model_name='provision',
            name='is_amended',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('contribution__isnull', True), models.Q(('contribution__gte', 0), ('number__gt', 1)), _connector='OR'), name='agreements_edition_contribution_amended', violation_error_message='A contribution is never negative.'),
        ),
        migrations.AddField(
            model_name='obligationchange',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obligation_changes', to='agreements.edition'),
        ),
        migrations.AddField(
            model_name='obligationchange',
            name='obligation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='agreements.obligation'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.UniqueConstraint(fields=('edition', 'obligation'), name='agreements_obligationchange_once', violation_error_message='The amendment says already what becomes of this obligation.'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['unchanged', 'new_rule', 'dropped'])), name='agreements_obligationchange_outcome_known', violation_error_message='Choose one of the listed values.'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('from_year__isnull', True), ('outcome', 'unchanged')), models.Q(models.Q(('outcome', 'unchanged'), _negated=True), ('from_year__isnull', False)), _connector='OR'), name='agreements_obligationchange_from_a_year', violation_error_message='What changes says from which fiscal year on.'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', 'new_rule'), models.Q(('due_day__isnull', True), ('due_month__isnull', True), ('due_on__isnull', True)), _connector='OR'), name='agreements_obligationchange_date_of_new_rule', violation_error_message='Only a new rule names a due date.'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_day__isnull', True), ('due_month__isnull', True)), models.Q(('due_day__gte', 1), ('due_month__gte', 1), ('due_month__lte', 12)), _connector='OR'), name='agreements_obligationchange_due_whole', violation_error_message='The calendar has no such day.'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.CheckConstraint(condition=models.Q(('due_day__isnull', True), ('due_day__lte', 29), models.Q(('due_day', 30), models.Q(('due_month', 2), _negated=True)), models.Q(('due_day', 31), ('due_month__in', [1, 3, 5, 7, 8, 10, 12])), _connector='OR'), name='agreements_obligationchange_due_in_calendar', violation_error_message='The calendar has no such day.'),
        ),
        migrations.AddConstraint(
            model_name='obligationchange',
            constraint=models.CheckConstraint(condition=models.Q(('due_year_offset__gte', -2), ('due_year_offset__lte', 3)), name='agreements_obligationchange_offset_near', violation_error_message='The due date lies within a few years of the fiscal year.'),
        ),
        migrations.RunPython(told_apart, migrations.RunPython.noop),
    ]
