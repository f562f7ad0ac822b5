"""A conclusion is confirmed by the other side; what one side had recorded before that stays as it was."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from iconm_portal.values import clock, partial_date



def both_stand_behind_it(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What is there counts, known from the day on which it was recorded; from a source, from the day it was signed."""
    rows = apps.get_model("agreements", "Conclusion").objects.using(schema_editor.connection.alias)
    for row in rows.all():
        known_from = clock.day_of(row.recorded_at) if row.recorded_by_id else partial_date.first_day(row.concluded_on)
        rows.filter(pk=row.pk).update(state="confirmed", known_from=known_from)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0008_reminders_without_duties"), migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("portal", "0003_reserve_open")]

    operations = [
        migrations.RemoveConstraint(
            model_name='conclusion',
            name='agreements_conclusion_revision_unique',
        ),
        migrations.AddField(
            model_name='conclusion',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='decline_reason',
            field=models.TextField(blank=True, verbose_name='Reason'),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='declined_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='declined_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='edition',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='conclusions', to='agreements.edition'),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='known_from',
            field=models.DateField(blank=True, null=True, verbose_name='Known from'),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='proposed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='proposed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='proposed_side',
            field=models.CharField(blank=True, choices=[('supporter', 'Supporter (city)'), ('operator', 'Operator (foundation)')], max_length=20),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('declined', 'Declined')], default='draft', max_length=20, verbose_name='State'),
        ),
        migrations.AddField(
            model_name='conclusion',
            name='version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='conclusion',
            name='recorded_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.RunPython(both_stand_behind_it, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'proposed', 'confirmed', 'declined'])), name='agreements_conclusion_state_known', violation_error_message='The state is not one of a proposal.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_by__isnull', True), ('confirmed_by__isnull', True), models.Q(('proposed_by', models.F('confirmed_by')), _negated=True), _connector='OR'), name='agreements_conclusion_two_people', violation_error_message='Whoever proposed it cannot confirm it.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_side__in', ['supporter', 'operator', ''])), name='agreements_conclusion_side_known', violation_error_message='The proposal comes from one of the two sides.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proposed_at__isnull', True), ('proposed_by__isnull', True)), models.Q(('proposed_at__isnull', False), ('proposed_by__isnull', False)), _connector='OR'), name='agreements_conclusion_proposed_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='agreements_conclusion_confirmed_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('declined_at__isnull', True), ('declined_by__isnull', True)), models.Q(('declined_at__isnull', False), ('declined_by__isnull', False)), _connector='OR'), name='agreements_conclusion_declined_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('known_from__isnull', False), models.Q(('confirmed_by__isnull', False), models.Q(('source', ''), _negated=True), ('proposed_by__isnull', True), _connector='OR')), _connector='OR'), name='agreements_conclusion_confirmed_is_known', violation_error_message='What is confirmed says since when and by whom, or from which source.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.UniqueConstraint(condition=models.Q(('edition__isnull', True)), fields=('agreement', 'revision'), name='agreements_conclusion_revision_unique', violation_error_message='This revision of the conclusion exists already.'),
        ),
        migrations.AddConstraint(
            model_name='conclusion',
            constraint=models.UniqueConstraint(condition=models.Q(('edition__isnull', False)), fields=('edition', 'revision'), name='agreements_conclusion_of_edition_unique', violation_error_message='This revision of the conclusion exists already.'),
        ),
    ]
