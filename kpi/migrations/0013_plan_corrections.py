"""Corrections of a settled plan's wording, proposed by one side and confirmed by the other."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpi", "0012_whole_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("proposed", "Proposed"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="State",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("proposed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "proposed_side",
                    models.CharField(
                        blank=True,
                        choices=[("supporter", "Supporter (city)"), ("operator", "Operator (foundation)")],
                        max_length=20,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
                ("decline_reason", models.TextField(blank=True, verbose_name="Reason")),
                ("known_from", models.DateField(blank=True, null=True, verbose_name="Known from")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="Source")),
                ("reason", models.CharField(max_length=300, verbose_name="Reason")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "declined_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="kpi.plan"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlanCorrectionLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "wording",
                    models.CharField(
                        choices=[
                            ("label", "Name"),
                            ("name", "Indicator"),
                            ("unit", "Unit"),
                            ("significance", "Significance"),
                            ("printed_kind", "Printed mark of the kind"),
                        ],
                        max_length=20,
                        verbose_name="What is corrected",
                    ),
                ),
                ("before", models.CharField(blank=True, max_length=200)),
                ("after", models.CharField(blank=True, max_length=200)),
                (
                    "correction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="kpi.plancorrection",
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="kpi.goal",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="kpi.indicator",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "proposed", "confirmed", "declined"])),
                name="kpi_plancorrection_state_known",
                violation_error_message="The state is not one of a proposal.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proposed_by__isnull", True),
                    ("confirmed_by__isnull", True),
                    models.Q(("proposed_by", models.F("confirmed_by")), _negated=True),
                    _connector="OR",
                ),
                name="kpi_plancorrection_two_people",
                violation_error_message="Whoever proposed it cannot confirm it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), _negated=True),
                    models.Q(("confirmed_by__isnull", False), ("known_from__isnull", False)),
                    models.Q(("known_from__isnull", False), models.Q(("source", ""), _negated=True)),
                    _connector="OR",
                ),
                name="kpi_plancorrection_confirmed_is_known",
                violation_error_message="What is confirmed says since when and by whom, or from which source.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("proposed_side__in", ["supporter", "operator", ""])),
                name="kpi_plancorrection_side_known",
                violation_error_message="The proposal comes from one of the two sides.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    _connector="OR",
                ),
                name="kpi_plancorrection_proposed_pair",
                violation_error_message="A time and its person are recorded together.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="kpi_plancorrection_confirmed_pair",
                violation_error_message="A time and its person are recorded together.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("declined_at__isnull", True), ("declined_by__isnull", True)),
                    models.Q(("declined_at__isnull", False), ("declined_by__isnull", False)),
                    _connector="OR",
                ),
                name="kpi_plancorrection_declined_pair",
                violation_error_message="A time and its person are recorded together.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrectionline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording__in", ["label", "name", "unit", "significance", "printed_kind"])
                ),
                name="kpi_plancorrectionline_wording_known",
                violation_error_message="Choose one of the listed values.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrectionline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("indicator__isnull", True), ("wording", "label")),
                    models.Q(
                        ("goal__isnull", True),
                        ("indicator__isnull", False),
                        ("wording__in", ("name", "unit", "significance", "printed_kind")),
                    ),
                    _connector="OR",
                ),
                name="kpi_plancorrectionline_of_one",
                violation_error_message="A correction is of the plan, of a goal, or of an indicator.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancorrectionline",
            constraint=models.CheckConstraint(
                condition=models.Q(("before", models.F("after")), _negated=True),
                name="kpi_plancorrectionline_changes",
                violation_error_message="Nothing would change.",
            ),
        ),
    ]
