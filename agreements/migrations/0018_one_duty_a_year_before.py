"""Nothing to do on the way here. On the way back: the tables of before 0006 hold one duty of an obligation and year, the first."""

from django.db import migrations


def keep_the_first(apps, editor):
    """With what belongs to the further ones: documents, comments, reminders."""
    duties = apps.get_model("agreements", "Duty")
    further = list(duties.objects.filter(number__gt=1).values_list("pk", flat=True))
    for relation in duties._meta.related_objects:
        relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": further}).delete()
    duties.objects.filter(pk__in=further).delete()


class Migration(migrations.Migration):

    dependencies = [("agreements", "0017_order_of_duties")]

    operations = [migrations.RunPython(migrations.RunPython.noop, keep_the_first)]
