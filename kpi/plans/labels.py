"""The words for the KPI vocabulary, in one place for models, pages and forms."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kpi.plans.achievement import Band, Certainty, Comparator, Kind

KIND = {
    Kind.CUMULATIVE: pgettext_lazy("kind of indicator", "cumulative"),
    Kind.FLOW: pgettext_lazy("kind of indicator", "yearly"),
    Kind.RATIO: pgettext_lazy("kind of indicator", "ratio"),
    Kind.LEVEL: pgettext_lazy("kind of indicator", "level"),
}
# How a value is counted, in a few words.
KIND_MEANING = {
    Kind.CUMULATIVE: _("cumulative: everything since the start, up to the as-of day"),
    Kind.FLOW: _("yearly: what happened within the fiscal year"),
    Kind.RATIO: _("ratio in percent"),
    Kind.LEVEL: _("level: the state on the as-of day"),
}
# What a look at the plan's last year assumes.
KIND_OUTLOOK = {
    Kind.CUMULATIVE: _("The years left are taken as equal; a single year can bring more or less."),
    Kind.FLOW: _("A yearly figure begins anew each year; it is set against the last year's target only."),
    Kind.RATIO: _("Ratios are compared in percentage points."),
    Kind.LEVEL: _("The level is that of the end of the fiscal year."),
}
COMPARATOR = {
    Comparator.AT_LEAST: _("at least"),
    Comparator.AT_MOST: _("at most"),
    Comparator.MAINTAIN: _("maintain"),
}
CERTAINTY = {
    Certainty.INTERIM: pgettext_lazy("certainty", "interim"),
    Certainty.FORECAST: pgettext_lazy("certainty", "settlement forecast"),
    Certainty.FINAL: pgettext_lazy("certainty", "final"),
}
BAND = {
    Band.MET: pgettext_lazy("verdict", "Met"),
    Band.NEARLY: pgettext_lazy("verdict", "Nearly met"),
    Band.NOT_MET: pgettext_lazy("verdict", "Not met"),
    Band.INTERIM: pgettext_lazy("verdict", "Interim"),
    Band.UNREPORTED: pgettext_lazy("verdict", "Not reported"),
    Band.NOT_APPLICABLE: pgettext_lazy("verdict", "Not applicable"),
    Band.NO_TARGET: pgettext_lazy("verdict", "No target"),
    Band.BASELINE: pgettext_lazy("verdict", "Baseline"),
}
# As sheets and the history print them: data, so in Japanese whatever the reader's language.
PRINTED_KIND = {Kind.CUMULATIVE: "累計", Kind.FLOW: "年間", Kind.RATIO: "率", Kind.LEVEL: "時点"}
PRINTED_BAND = {
    Band.MET: "達成",
    Band.NEARLY: "概ね達成",
    Band.NOT_MET: "未達",
    Band.INTERIM: "途中経過",
    Band.UNREPORTED: "未報告",
    Band.NOT_APPLICABLE: "対象外",
    Band.NO_TARGET: "目標なし",
    Band.BASELINE: "基準値",
}
PRINTED_CERTAINTY = {Certainty.INTERIM: "途中経過", Certainty.FORECAST: "決算見込", Certainty.FINAL: "確定"}
