"""What each reminder was about, from its duty; going back, those about something else are lost."""

from typing import Any

from django.db import migrations


def _key(duty: Any) -> str:
    """As `Duty.history_key` writes it."""
    obligation = duty.obligation
    agreement = obligation.agreement
    return (
        f"agreements.agreement/{agreement.center.code}/{agreement.code}"
        f"/obligations/{obligation.code}/{duty.fiscal_year.start}"
    )


def name_them(apps: Any, _schema: Any) -> None:
    reminders = apps.get_model("agreements", "Reminder").objects
    for row in reminders.select_related("duty__obligation__agreement__center"):
        duty = row.duty
        row.center_id = duty.obligation.agreement.center_id
        row.about = _key(duty)
        row.title = f"{duty.obligation.title}（{duty.fiscal_year}分）"
        row.save(update_fields=["center", "about", "title"])


def find_duties(apps: Any, _schema: Any) -> None:
    duties = apps.get_model("agreements", "Duty").objects.select_related("obligation__agreement__center")
    by_key = {_key(duty): duty for duty in duties.filter(number=1)}
    for row in apps.get_model("agreements", "Reminder").objects.all():
        duty = by_key.get(row.about)
        if duty is None:
            row.delete()
        else:
            row.duty = duty
            row.save(update_fields=["duty"])


class Migration(migrations.Migration):

    dependencies = [("agreements", "0006_numbered_duties")]

    operations = [migrations.RunPython(name_them, find_duties)]
