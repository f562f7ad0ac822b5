"""The record of use knows of files that the virus scanner refused."""

from django.db import migrations, models

BEFORE = ["signed_in", "failed", "paused", "signed_out", "session_ended", "reset_asked", "taken_away", "rights"]


def without_scans(apps, editor):
    """Earlier versions had no such events, and no word for them."""
    apps.get_model("portal", "AuditEvent").objects.exclude(kind__in=BEFORE).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0012_waiting_files'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='auditevent',
            name='portal_audit_kind_known',
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('signed_in', 'Signed in'), ('failed', 'Wrong password'), ('wrong_code', 'Wrong second factor'), ('code_used', 'Used a recovery code'), ('demonstration', 'Demonstration account refused'), ('paused', 'Login paused'), ('signed_out', 'Signed out'), ('session_ended', 'Session ended by itself'), ('session_closed', 'Ended a session from another one'), ('reset_asked', 'Asked for a new password by mail'), ('taken_away', 'Took personal data away'), ('rights', 'Accounts and rights'), ('infected', 'Sent an infected file'), ('not_scanned', 'No answer of the virus scanner')], max_length=20, verbose_name='Event'),
        ),
        migrations.RunPython(migrations.RunPython.noop, without_scans),
        migrations.AddConstraint(
            model_name='auditevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['signed_in', 'failed', 'wrong_code', 'code_used', 'demonstration', 'paused', 'signed_out', 'session_ended', 'session_closed', 'reset_asked', 'taken_away', 'rights', 'infected', 'not_scanned'])), name='portal_audit_kind_known', violation_error_message='Choose one of the listed values.'),
        ),
    ]
