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
PRINTED_CERTAINTY = {Certainty.INTERIM: "途中経過", Certainty.FORECAST: "決算見込", Certainty.FINAL: "確定"}
