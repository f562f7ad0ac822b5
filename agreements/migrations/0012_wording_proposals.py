"""An official wording is put before the other side before it stands in an edition."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models



class Migration(migrations.Migration):
    dependencies = [("agreements", "0011_signed_amendments"), migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("portal", "0003_reserve_open")]

    operations = [
        migrations.CreateModel(
            name='WordingProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('declined', 'Declined')], default='draft', max_length=20, verbose_name='State')),
                ('version', models.PositiveIntegerField(default=1)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('proposed_at', models.DateTimeField(blank=True, null=True)),
                ('proposed_side', models.CharField(blank=True, choices=[('supporter', 'Supporter (city)'), ('operator', 'Operator (foundation)')], max_length=20)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('declined_at', models.DateTimeField(blank=True, null=True)),
                ('decline_reason', models.TextField(blank=True, verbose_name='Reason')),
                ('known_from', models.DateField(blank=True, null=True, verbose_name='Known from')),
                ('source', models.CharField(blank=True, max_length=120, verbose_name='Source')),
                ('text', models.TextField(verbose_name='Text')),
                ('file_name', models.CharField(max_length=200, verbose_name='Imported from')),
                ('accepts_problems', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='wordingproposal',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wordingproposal',
            name='declined_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wordingproposal',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wording_proposals', to='agreements.edition'),
        ),
        migrations.AddField(
            model_name='wordingproposal',
            name='proposed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'proposed', 'confirmed', 'declined'])), name='agreements_wordingproposal_state_known', violation_error_message='The state is not one of a proposal.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_by__isnull', True), ('confirmed_by__isnull', True), models.Q(('proposed_by', models.F('confirmed_by')), _negated=True), _connector='OR'), name='agreements_wordingproposal_two_people', violation_error_message='Whoever proposed it cannot confirm it.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('confirmed_by__isnull', False), ('known_from__isnull', False)), models.Q(('known_from__isnull', False), models.Q(('source', ''), _negated=True)), _connector='OR'), name='agreements_wordingproposal_confirmed_is_known', violation_error_message='What is confirmed says since when and by whom, or from which source.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_side__in', ['supporter', 'operator', ''])), name='agreements_wordingproposal_side_known', violation_error_message='The proposal comes from one of the two sides.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proposed_at__isnull', True), ('proposed_by__isnull', True)), models.Q(('proposed_at__isnull', False), ('proposed_by__isnull', False)), _connector='OR'), name='agreements_wordingproposal_proposed_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='agreements_wordingproposal_confirmed_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('declined_at__isnull', True), ('declined_by__isnull', True)), models.Q(('declined_at__isnull', False), ('declined_by__isnull', False)), _connector='OR'), name='agreements_wordingproposal_declined_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='wordingproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('edition',), name='agreements_wordingproposal_one_open', violation_error_message="An official wording waits for the other side's answer already."),
        ),
    ]
