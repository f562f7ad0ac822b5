"""A plan that is prepared brings direct goals and says what its values are proposed from."""

import django.core.serializers.json
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_sources(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What is under way and continues an indicator goes on from what that is proposed from, as it did by itself."""
    alias = schema_editor.connection.alias
    lines = apps.get_model("kpi", "PlanProposalLine").objects.using(alias)
    found = apps.get_model("kpi", "IndicatorBasis").objects.using(alias).select_related("account", "category")
    bases = {basis.indicator_id: basis for basis in found}
    for line in lines.filter(step="continue").exclude(proposal__state="confirmed"):
        basis = bases.get(line.previous_id)
        if basis is not None:
            line.basis = (
                f"account/{basis.account.code}"
                if basis.account
                else f"category/{basis.category.code}/{basis.measured}"
            )
            line.save(update_fields=["basis"])


class Migration(migrations.Migration):
    dependencies = [("kpi", "0011_one_key_to_search_by")]

    operations = [
        migrations.AddField(
            model_name="planproposal",
            name="kgis",
            field=models.JSONField(
                blank=True,
                default=list,
                encoder=django.core.serializers.json.DjangoJSONEncoder,
                verbose_name="New direct goals",
            ),
        ),
        migrations.AddField(
            model_name="planproposalline",
            name="basis",
            field=models.CharField(blank=True, max_length=100, verbose_name="Proposed from"),
        ),
        migrations.RunPython(keep_sources, migrations.RunPython.noop),
    ]
