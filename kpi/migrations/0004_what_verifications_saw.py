"""What the verifications of earlier days rest on: what was known when both had confirmed them."""

from django.db import migrations

RESTS_ON = "agreements.verification"


def _was_known(row, verification):
    if row.accepted_at is not None and verification.accepted_at is not None:
        return row.accepted_at <= verification.accepted_at
    return row.known_from <= verification.known_from


def record(apps, schema_editor):
    RestsOn = apps.get_model("portal", "RestsOn")
    Verification = apps.get_model("agreements", "Verification")
    Statement = apps.get_model("finance", "Statement")
    Plan = apps.get_model("kpi", "Plan")
    Report = apps.get_model("kpi", "Report")
    known = {"state": "accepted", "known_from__isnull": False}
    rows = []
    for one in Verification.objects.filter(kind__in=["settlement", "kpi"], **known).order_by("pk"):
        year, center = one.fiscal_year.start, one.center_id
        settled = {
            "center_id": center,
            "settled_kind": RESTS_ON,
            "settled_key": f"{one.kind}/{year}",
            "settled_revision": "",
            "known_from": one.known_from,
        }
        statements = Statement.objects.filter(
            center_id=center, fiscal_year=one.fiscal_year, stage="settlement", **known
        )
        seen = max(
            (row.revision for row in statements.order_by("pk") if _was_known(row, one)), default=None
        )
        rows.append(
            RestsOn(
                kind="finance.settlement",
                key=str(year),
                revision="" if seen is None else f"settlement-r{seen}",
                **settled,
            )
        )
        plans = Plan.objects.filter(
            center_id=center, first_year__lte=one.fiscal_year, last_year__gte=one.fiscal_year
        )
        for plan in plans.order_by("pk"):
            reports = Report.objects.filter(plan=plan, fiscal_year=one.fiscal_year, **known).order_by("pk")
            latest = max(
                ((row.as_of, row.revision) for row in reports if _was_known(row, one)), default=None
            )
            rows.append(
                RestsOn(
                    kind="kpi.report",
                    key=f"{plan.code}/{year}",
                    revision="" if latest is None else f"{latest[0].isoformat()}-r{latest[1]}",
                    **settled,
                )
            )
    RestsOn.objects.bulk_create(rows)


def forget(apps, schema_editor):
    apps.get_model("portal", "RestsOn").objects.filter(settled_kind=RESTS_ON, answer=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_standing"),
        ("agreements", "0002_author_side"),
        ("finance", "0002_supplementary_number"),
        ("kpi", "0003_indicator_bounds"),
    ]

    operations = [migrations.RunPython(record, forget)]
