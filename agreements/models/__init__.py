"""What the two parties agreed, what it asks of whom each year, and what was settled in between."""

from agreements.models.agreements import Agreement, AgreementKind, Conclusion, Party, Post
from agreements.models.amendments import (
    MeasureChange,
    MeasureOutcome,
    ObligationChange,
    Outcome,
    WordingProposal,
    as_amended,
    measure_changes,
    obligation_change,
)
from agreements.models.calendar import CalendarFeed, ChronologyEntry, Reminder, ReminderKind
from agreements.models.consultations import Consultation, ConsultationFile, ConsultationType
from agreements.models.duties import Duty, DutyComment, DutyDocument, Extension
from agreements.models.endings import Ending, Notice
from agreements.models.facts import ReportedFact
from agreements.models.land import LandGround, LandJudgement
from agreements.models.obligations import Bound, Obligation, RequiredDocument, Timing, VerificationKind, Way
from agreements.models.rules import validate_partial_date  # the first migration names it here
from agreements.models.support import AmountStage, LimitRule, SupportAmount, SupportKind, SupportMeasure
from agreements.models.verification import (
    VERIFICATION,
    Criterion,
    Finding,
    Verdict,
    Verification,
    VerificationComment,
    in_force,
)
from agreements.models.wording import Edition, Provision, ProvisionKind

__all__ = [
    "VERIFICATION",
    "Agreement",
    "AgreementKind",
    "AmountStage",
    "Bound",
    "CalendarFeed",
    "ChronologyEntry",
    "Conclusion",
    "Consultation",
    "ConsultationFile",
    "ConsultationType",
    "Criterion",
    "Duty",
    "DutyComment",
    "DutyDocument",
    "Edition",
    "Ending",
    "Extension",
    "Finding",
    "LandGround",
    "LandJudgement",
    "LimitRule",
    "MeasureChange",
    "MeasureOutcome",
    "Notice",
    "Obligation",
    "ObligationChange",
    "Outcome",
    "Party",
    "Post",
    "Provision",
    "ProvisionKind",
    "Reminder",
    "ReminderKind",
    "ReportedFact",
    "RequiredDocument",
    "SupportAmount",
    "SupportKind",
    "SupportMeasure",
    "Timing",
    "Verdict",
    "Verification",
    "VerificationComment",
    "VerificationKind",
    "Way",
    "WordingProposal",
    "as_amended",
    "in_force",
    "measure_changes",
    "obligation_change",
    "validate_partial_date",
]
