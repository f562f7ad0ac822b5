"""Every write of the KPIs, a module for each subject; the reports' and targets' are used by their plain names."""

from kpi.actions.reports import (
    accept,
    discard,
    open_review,
    save_and_submit,
    save_draft,
    send_back,
    start_correction,
    start_report,
    submit,
    take_back,
)
from kpi.actions.targets import add_target
from kpi.entered import Comment, Entered

__all__ = [
    "Comment",
    "Entered",
    "accept",
    "add_target",
    "discard",
    "open_review",
    "save_and_submit",
    "save_draft",
    "send_back",
    "start_correction",
    "start_report",
    "submit",
    "take_back",
]
