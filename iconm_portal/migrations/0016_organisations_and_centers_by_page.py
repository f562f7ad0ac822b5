"""Administrators enter organisations and centers: who looks after an organisation that has no center yet, a center's first
and last day, and the addresses of these pages, which are no codes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0015_undone_imports'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='center',
            name='portal_center_code_not_reserved',
        ),
        migrations.AddField(
            model_name='center',
            name='closes_on',
            field=models.DateField(blank=True, null=True, verbose_name='Last day of the center'),
        ),
        migrations.AddField(
            model_name='center',
            name='opens_on',
            field=models.DateField(blank=True, null=True, verbose_name='First day of the center'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='keeper',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='kept_organisations', to='portal.organisation', verbose_name='Entered by the administrators of'),
        ),
        migrations.AddConstraint(
            model_name='center',
            constraint=models.CheckConstraint(condition=models.Q(('code__in', ['account', 'admin', 'api', 'audit', 'begin', 'calendar', 'centers', 'health', 'history', 'i18n', 'language', 'login', 'logout', 'media', 'open', 'organisations', 'packs', 'password', 'people', 'static']), _negated=True), name='portal_center_code_not_reserved', violation_error_message='This code is reserved for an address of the portal.'),
        ),
        migrations.AddConstraint(
            model_name='center',
            constraint=models.CheckConstraint(condition=models.Q(('opens_on__isnull', True), ('closes_on__isnull', True), ('closes_on__gte', models.F('opens_on')), _connector='OR'), name='portal_center_closes_after_opening', violation_error_message='The last day is not before the first.'),
        ),
    ]
