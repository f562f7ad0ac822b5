"""What the city's evaluations of earlier days rest on: the settlement and reports that were known when it judged.

The page of an evaluation has always shown the year as it was known on the day of the judgement, and each settlement and
report keeps the day and moment of its acceptance. So it is known what stood there; where nothing did, nothing is written.
"""

from django.db import migrations

RESTS_ON = "agreements.effect_judgement"


def _was_known(row, judgement):
    if row.accepted_at is not None:
        return row.known_from <= judgement.known_from and row.accepted_at <= judgement.recorded_at
    return row.known_from <= judgement.known_from


def record(apps, schema_editor):
    RestsOn = apps.get_model("portal", "RestsOn")
    Statement = apps.get_model("finance", "Statement")
    Plan = apps.get_model("kpi", "Plan")
    Report = apps.get_model("kpi", "Report")
    held = set(RestsOn.objects.filter(settled_kind=RESTS_ON).values_list("center_id", "settled_revision"))
    judgements = apps.get_model("agreements", "LandJudgement").objects.filter(verification__isnull=False)
    known = {"state": "accepted", "known_from__isnull": False}
    rows = []
    for one in judgements.select_related("verification").order_by("pk"):
        if (one.center_id, str(one.pk)) in held:
            continue
        fiscal_year = one.verification.fiscal_year
        settled = {
            "center_id": one.center_id,
            "settled_kind": RESTS_ON,
            "settled_key": f"effect/{fiscal_year.start}",
            "settled_revision": str(one.pk),
            "known_from": one.known_from,
        }
        statements = Statement.objects.filter(
            center_id=one.center_id, fiscal_year=fiscal_year, stage="settlement", **known
        )
        seen = [row.revision for row in statements.order_by("pk") if _was_known(row, one)]
        if seen:
            key = {"kind": "finance.settlement", "key": str(fiscal_year.start)}
            rows.append(RestsOn(revision=f"settlement-r{max(seen)}", **key, **settled))
        plans = Plan.objects.filter(
            center_id=one.center_id, first_year__lte=fiscal_year, last_year__gte=fiscal_year
        )
        for plan in plans.order_by("pk"):
            reports = Report.objects.filter(plan=plan, fiscal_year=fiscal_year, **known).order_by("pk")
            shown = [(row.as_of, row.revision) for row in reports if _was_known(row, one)]
            if shown:
                as_of, revision = max(shown)
                key = {"kind": "kpi.report", "key": f"{plan.code}/{fiscal_year.start}"}
                rows.append(RestsOn(revision=f"{as_of.isoformat()}-r{revision}", **key, **settled))
    RestsOn.objects.bulk_create(rows)


def forget(apps, schema_editor):
    """Those of later judgements stay: which were written here is not told apart, and both say the same."""


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0015_who_entered_parties_and_measures"),
        ("portal", "0005_auditors_and_versions"),
        ("finance", "0002_supplementary_number"),
        ("kpi", "0008_levels_in_the_register"),
    ]

    operations = [migrations.RunPython(record, forget)]
