"""People, organisations, centers, history and files; and what every reviewed or long-running thing has in common."""

from iconm_portal.models.audit import AuditEvent, AuditKind
from iconm_portal.models.codes import (
    LONGEST_CODE,
    RESERVED_CODES,
    CodeField,
    code_words,
    numbered_code,
    paired,
    validate_code,
)
from iconm_portal.models.files import FileContent, StoredFile, WaitingContent, WaitingFile
from iconm_portal.models.history import HistoryEvent
from iconm_portal.models.people import (
    Center,
    CenterQuerySet,
    OpenSession,
    Organisation,
    Role,
    Side,
    SignOn,
    User,
    UserManager,
)
from iconm_portal.models.resets import ResetKind, ResetProposal
from iconm_portal.models.set_up import SetUp
from iconm_portal.models.settling import (
    EDITABLE_STATES,
    LOCKED_STATES,
    UNDER_REVIEW,
    ProposalState,
    Proposed,
    Reviewed,
    ReviewState,
)
from iconm_portal.models.standing import Answer, RestsOn
from iconm_portal.models.work import (
    OPEN_JOBS,
    ImportRow,
    ImportState,
    Job,
    JobState,
    Sending,
    TableImport,
    Worker,
)

__all__ = [
    "EDITABLE_STATES",
    "LOCKED_STATES",
    "LONGEST_CODE",
    "OPEN_JOBS",
    "RESERVED_CODES",
    "UNDER_REVIEW",
    "Answer",
    "AuditEvent",
    "AuditKind",
    "Center",
    "CenterQuerySet",
    "CodeField",
    "FileContent",
    "HistoryEvent",
    "ImportRow",
    "ImportState",
    "Job",
    "JobState",
    "OpenSession",
    "Organisation",
    "ProposalState",
    "Proposed",
    "ResetKind",
    "ResetProposal",
    "RestsOn",
    "ReviewState",
    "Reviewed",
    "Role",
    "Sending",
    "SetUp",
    "Side",
    "SignOn",
    "StoredFile",
    "TableImport",
    "User",
    "UserManager",
    "WaitingContent",
    "WaitingFile",
    "Worker",
    "code_words",
    "numbered_code",
    "paired",
    "validate_code",
]
