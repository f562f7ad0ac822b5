"""The official texts of direct goals and activities, which take the place of the portal's own summaries of them."""

from datetime import date

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models import Center, ProposalState, Proposed, ways
from iconm_portal.values.ordering import blanks_last
from kpi.models.initiatives import Initiative, InitiativeScheme
from kpi.models.plans import Kgi

LONGEST = 600


class OfficialTextProposal(Proposed):
    """Official texts that one side puts in the place of summaries: of the direct goals, or of a scheme's activities.

    `document` says where the texts stand. The summaries stay, and so does every text that a later one replaces.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="official_text_proposals")
    scheme = models.ForeignKey(
        InitiativeScheme, models.PROTECT, null=True, blank=True, related_name="official_text_proposals"
    )
    document = models.CharField(_("Document in which the texts stand"), max_length=200)

    class Meta(Proposed.Meta):
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.document

    def history_key(self) -> str:
        return f"kpi.official_text_proposal/{self.center.code}/{self.pk}"

    def history_label(self) -> str:
        return f"{self.scheme.label if self.scheme else '直接目標（KGI）'} 正式な文言"


class OfficialTextLine(models.Model):
    """The official text of one direct goal or one activity."""

    proposal = models.ForeignKey(OfficialTextProposal, models.CASCADE, related_name="lines")
    kgi = models.ForeignKey(Kgi, models.PROTECT, null=True, blank=True, related_name="official_texts")
    initiative = models.ForeignKey(
        Initiative, models.PROTECT, null=True, blank=True, related_name="official_texts"
    )
    text = models.CharField(_("Official text"), max_length=LONGEST)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kgi__isnull=True, initiative__isnull=False)
                | Q(kgi__isnull=False, initiative__isnull=True),
                name="kpi_officialtextline_of_one",
                violation_error_message=_("A text belongs to a direct goal or to an activity."),
            ),
            models.UniqueConstraint(
                fields=["proposal", "kgi"],
                name="kpi_officialtextline_kgi_once",
                violation_error_message=_("The proposal has a text for it already."),
            ),
            models.UniqueConstraint(
                fields=["proposal", "initiative"],
                name="kpi_officialtextline_initiative_once",
                violation_error_message=_("The proposal has a text for it already."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="kpi_officialtextline_not_blank",
                violation_error_message=_("Enter the official text."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


def official_text(of: str, known_at: date | None, *, at: str = "pk") -> Coalesce:
    """The text that both sides have confirmed by the day, for a query over direct goals (`of` is "kgi") or activities.

    Blank where there is none yet: what stands there then is a summary.
    """
    confirmed = OfficialTextLine.objects.filter(**{of: OuterRef(at)}, proposal__state=ProposalState.CONFIRMED)
    if known_at is not None:
        confirmed = confirmed.filter(proposal__known_from__lte=known_at)
    latest = confirmed.order_by(blanks_last("-proposal__confirmed_at"), "-pk").values("text")[:1]
    return Coalesce(Subquery(latest), Value(""))


def is_our_summary(source: str, official: str) -> bool:
    """Whether what is shown is the portal's summary: of a document's text, until both sides confirmed the official one.
    What the parties entered themselves is their own wording."""
    return bool(source) and not official


_BEFORE_BOTH = (
    "EXISTS (SELECT 1 FROM kpi_officialtextproposal p WHERE p.id = {row}.proposal_id"
    " AND p.state IN ('proposed', 'confirmed'))"
)
guards.declare(
    guards.Guard(
        "kpi_officialtextproposal_settled",
        "kpi.OfficialTextProposal",
        ("UPDATE", "DELETE"),
        "what both confirmed is frozen",
        "OLD.state = 'confirmed'",
    ),
    *ways.proposal_way(
        "kpi.OfficialTextProposal", center="NEW.center_id", content=("center", "scheme", "document")
    ),
    *(
        guards.Guard(
            f"kpi_officialtextline_{event.lower()}",
            "kpi.OfficialTextLine",
            (event,),
            "the lines of what lies before both, or was confirmed, are locked",
            " OR ".join(_BEFORE_BOTH.format(row=row) for row in rows),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ),
)
