"""What the settlement said of the values that are taken from it, when their reports were handed in."""

from django.db import migrations

ACTUAL = "kpi.actual"


def _was_known(statement, report):
    handed_in = report.submitted_at or report.accepted_at
    if statement.accepted_at is not None and handed_in is not None:
        return statement.accepted_at <= handed_in
    return statement.known_from <= report.known_from


def _below(accounts, account):
    found, waiting = set(), [account]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += [row.pk for row in accounts if row.parent_id == one and row.pk not in found]
    return found


def record(apps, schema_editor):
    RestsOn = apps.get_model("portal", "RestsOn")
    Account = apps.get_model("finance", "Account")
    Statement = apps.get_model("finance", "Statement")
    Actual = apps.get_model("kpi", "Actual")
    IndicatorBasis = apps.get_model("kpi", "IndicatorBasis")
    known = {"state": "accepted", "known_from__isnull": False}
    rows = []
    for basis in IndicatorBasis.objects.filter(account__isnull=False).select_related(
        "account", "indicator__plan"
    ):
        indicator, plan = basis.indicator, basis.indicator.plan
        below = _below(list(Account.objects.filter(center_id=plan.center_id)), basis.account_id)
        actuals = Actual.objects.filter(
            indicator=indicator, value__isnull=False, report__state="accepted"
        ).select_related("report")
        for actual in actuals.order_by("pk"):
            report = actual.report
            year = report.fiscal_year
            stages = ["forecast"] if report.as_of < year.last_day else ["forecast", "settlement"]
            statements = Statement.objects.filter(
                center_id=plan.center_id, fiscal_year=year, stage__in=stages, **known
            ).order_by("pk")
            by_rank = sorted(
                (row for row in statements if _was_known(row, report)),
                key=lambda row: (stages.index(row.stage), row.revision),
                reverse=True,
            )
            revision = value = ""
            for statement in by_rank:
                amounts = list(
                    statement.lines.filter(account__in=below).values_list("amount", flat=True)
                )
                if amounts:
                    revision, value = f"{statement.stage}-r{statement.revision}", str(sum(amounts))
                    break
            rows.append(
                RestsOn(
                    center_id=plan.center_id,
                    settled_kind=ACTUAL,
                    settled_key=f"{plan.code}/{year.start}/{indicator.code}",
                    settled_revision=f"{report.as_of.isoformat()}-r{report.revision}",
                    kind="finance.amount",
                    key=f"{year.start}/{basis.account.code}",
                    revision=revision,
                    value=value,
                    known_from=report.known_from,
                )
            )
    RestsOn.objects.bulk_create(rows)


def forget(apps, schema_editor):
    apps.get_model("portal", "RestsOn").objects.filter(settled_kind=ACTUAL, answer=None).delete()


class Migration(migrations.Migration):
    dependencies = [("kpi", "0005_opening_balances")]

    operations = [migrations.RunPython(record, forget)]
