"""Nothing to do on the way here. On the way back: before 0005 there was no auditor; who was one may see what is settled."""

from django.db import migrations


def viewers(apps, editor):
    """The nearest role that there was, and the smaller one."""
    apps.get_model("portal", "User").objects.filter(role="auditor").update(role="viewer")


class Migration(migrations.Migration):

    dependencies = [("portal", "0008_sendings")]

    operations = [migrations.RunPython(migrations.RunPython.noop, viewers)]
