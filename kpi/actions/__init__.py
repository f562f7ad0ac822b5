"""Every write of the KPIs, a module for each subject; the reports' and targets' are used by their plain names."""

from kpi.actions.reports import (
    Comment,
    Entered,
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
