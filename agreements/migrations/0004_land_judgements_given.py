"""What the city had judged by the yearly evaluation is an act of its own from now on, with the day from which it holds."""

from datetime import timedelta

from django.db import migrations


def give(apps, schema_editor):
    """A negative verdict held from the day after it, and took the land that was granted by then; any other from its day."""
    judged = apps.get_model("agreements", "Verification").objects.filter(kind="effect", state="accepted")
    measures = apps.get_model("agreements", "SupportMeasure").objects.filter(kind="land")
    made = apps.get_model("agreements", "LandJudgement").objects
    for row in judged.select_related("center").prefetch_related("findings__criterion"):
        is_free = row.verdict == "meets"
        granted = [one for one in measures.filter(center=row.center) if one.first_year.first_day <= row.known_from]
        made.create(
            center=row.center,
            ground="effect",
            verification=row,
            is_free=is_free,
            takes_effect_on=row.known_from + timedelta(days=0 if is_free else 1),
            follow_up=row.follow_up,
            said={finding.criterion.code: finding.judgement for finding in row.findings.all()},
            takes=[] if is_free else [f"agreements.support/{row.center.code}/{one.code}" for one in granted],
            known_from=row.known_from,
            source=row.source,
            recorded_at=row.accepted_at or row.recorded_at,
            recorded_by=row.accepted_by,
        )


def take_away(apps, schema_editor):
    apps.get_model("agreements", "LandJudgement").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("agreements", "0003_land_judgements"),
    ]

    operations = [
        migrations.RunPython(give, take_away),
    ]
