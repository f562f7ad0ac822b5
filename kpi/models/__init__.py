"""Plans with their indicators and targets, reports, the register, initiatives, proposals, and committee packs."""

from kpi.models.corrections import PlanCorrection, PlanCorrectionLine, Wording
from kpi.models.initiatives import Initiative, InitiativeCategory, InitiativeScheme, InitiativeYear
from kpi.models.official_texts import (
    OfficialTextLine,
    OfficialTextProposal,
    is_our_summary,
    official_text,
)
from kpi.models.packs import Pack, PackState, Publication
from kpi.models.plans import Continuity, Goal, Indicator, IndicatorShape, Kgi, Plan, Target
from kpi.models.proposals import (
    IndicatorStep,
    PlanProposal,
    PlanProposalLine,
    TargetProposal,
    TargetProposalLine,
)
from kpi.models.register import (
    Category,
    IndicatorBasis,
    Measured,
    OpeningBalance,
    Record,
    RecordFile,
    RecordStatus,
)
from kpi.models.reports import Actual, Evidence, Report, ReviewComment

__all__ = [
    "Actual",
    "Category",
    "Continuity",
    "Evidence",
    "Goal",
    "Indicator",
    "IndicatorBasis",
    "IndicatorShape",
    "IndicatorStep",
    "Initiative",
    "InitiativeCategory",
    "InitiativeScheme",
    "InitiativeYear",
    "Kgi",
    "Measured",
    "OfficialTextLine",
    "OfficialTextProposal",
    "OpeningBalance",
    "Pack",
    "PackState",
    "Plan",
    "PlanCorrection",
    "PlanCorrectionLine",
    "PlanProposal",
    "PlanProposalLine",
    "Publication",
    "Record",
    "RecordFile",
    "RecordStatus",
    "Report",
    "ReviewComment",
    "Target",
    "TargetProposal",
    "TargetProposalLine",
    "Wording",
    "is_our_summary",
    "official_text",
]
