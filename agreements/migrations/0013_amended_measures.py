"""What an amendment makes of support measures: another amount or end, or no longer granted."""

import django.db.models.deletion
import iconm_portal.values.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0012_wording_proposals'),
    ]

    operations = [
        migrations.CreateModel(
            name='MeasureChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('unchanged', 'stays as it is'), ('new_terms', 'another amount or end'), ('dropped', 'no longer granted')], max_length=20, verbose_name='What becomes of it')),
                ('from_year', iconm_portal.values.fields.FiscalYearField(blank=True, null=True, verbose_name='Not granted from')),
                ('last_year', iconm_portal.values.fields.FiscalYearField(blank=True, null=True, verbose_name='Last fiscal year')),
                ('total', models.BigIntegerField(blank=True, null=True, verbose_name='Total (yen)')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measure_changes', to='agreements.edition')),
                ('measure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='agreements.supportmeasure')),
            ],
            options={
                'ordering': ['edition_id', 'measure__position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'measure'), name='agreements_measurechange_once', violation_error_message='The amendment says already what becomes of this measure.'), models.CheckConstraint(condition=models.Q(('outcome__in', ['unchanged', 'new_terms', 'dropped'])), name='agreements_measurechange_outcome_known', violation_error_message='Choose one of the listed values.'), models.CheckConstraint(condition=models.Q(models.Q(('from_year__isnull', False), ('outcome', 'dropped')), models.Q(models.Q(('outcome', 'dropped'), _negated=True), ('from_year__isnull', True)), _connector='OR'), name='agreements_measurechange_dropped_from_a_year', violation_error_message='What is dropped says from which fiscal year on.'), models.CheckConstraint(condition=models.Q(('outcome', 'new_terms'), models.Q(('last_year__isnull', True), ('total__isnull', True)), _connector='OR'), name='agreements_measurechange_terms_of_new_terms', violation_error_message='Only new terms name an amount or a last year.'), models.CheckConstraint(condition=models.Q(('total__isnull', True), ('total__gte', 0), _connector='OR'), name='agreements_measurechange_total_positive', violation_error_message='An amount is not negative.')],
            },
        ),
    ]
