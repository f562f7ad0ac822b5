"""An applied import can be undone as a whole; rows say whether they are wrong, and whether what they say is there already."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def mark_wrong_rows(apps, schema_editor):
    """Of imports that wait: the rows of those that have something wrong; mere warnings among them stand there too."""
    rows = apps.get_model("portal", "ImportRow").objects.using(schema_editor.connection.alias)
    rows.filter(has_problem=True, table__problem_count__gt=0).update(has_error=True)


def applied_again(apps, schema_editor):
    """The earlier version has no word for it: what took the rows back stays, in the ledger and the register."""
    tables = apps.get_model("portal", "TableImport").objects.using(schema_editor.connection.alias)
    tables.filter(state="undone").update(state="applied", undone_at=None, undone_by=None, undo_reason="")
    if schema_editor.connection.vendor == "postgresql":  # else no table is altered in this transaction any more
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0014_single_sign_on'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='tableimport',
            name='portal_tableimport_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='tableimport',
            name='portal_tableimport_applied_by_someone',
        ),
        migrations.RemoveConstraint(
            model_name='tableimport',
            name='portal_tableimport_file_kept_when_applied',
        ),
        migrations.AddField(
            model_name='importrow',
            name='has_error',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='importrow',
            name='is_repeated',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='tableimport',
            name='contents',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='tableimport',
            name='undo_reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='Reason for undoing'),
        ),
        migrations.AddField(
            model_name='tableimport',
            name='undone_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='tableimport',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='tableimport',
            name='state',
            field=models.CharField(choices=[('reading', 'Being read'), ('checked', 'Checked'), ('refused', 'Refused'), ('applied', 'Applied'), ('discarded', 'Discarded'), ('undone', 'Undone')], default='reading', max_length=20, verbose_name='State'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['table', 'has_error', 'number'], name='portal_importrow_errors'),
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['reading', 'checked', 'refused', 'applied', 'discarded', 'undone'])), name='portal_tableimport_state_known', violation_error_message='Choose one of the listed values.'),
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='portal_tableimport_undone_pair', violation_error_message='A time and its person are recorded together.'),
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'undone'), ('undone_at__isnull', False), models.Q(('undo_reason', ''), _negated=True)), models.Q(models.Q(('state', 'undone'), _negated=True), ('undone_at__isnull', True)), _connector='OR'), name='portal_tableimport_undone_has_reason', violation_error_message='Say why the import is undone.'),
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('applied', 'undone')), _negated=True), ('applied_at__isnull', False), _connector='OR'), name='portal_tableimport_applied_by_someone', violation_error_message='What is applied says when and by whom.'),
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('file__isnull', False), ('state__in', ('applied', 'undone')), ('waiting__isnull', True)), models.Q(models.Q(('state__in', ('applied', 'undone')), _negated=True), ('file__isnull', True)), _connector='OR'), name='portal_tableimport_file_kept_when_applied', violation_error_message='The file of an import is kept from when it is applied.'),
        ),
        migrations.RunPython(mark_wrong_rows, applied_again),
    ]
