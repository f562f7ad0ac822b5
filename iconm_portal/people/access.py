"""Who may do what: the one table (domain.md), and the decorators by which every view names its rule."""

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any, Concatenate, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from iconm_portal.models import Center, Role, Side, User
from iconm_portal.values import money


class Right(Enum):
    SEE_SETTLED = "see what is settled, print, download"
    SEE_SUBMITTED = "see what is submitted"
    SEE_DRAFTS = "see drafts of reports, statements, entries"
    KEEP = "keep records, entries, drafts; submit"
    REVIEW = "accept or return; make and freeze packs"
    SETTLE_JOINTLY = "propose, or confirm the other side's proposal"
    CLOSE_YEAR = "close a year"
    REOPEN_YEAR = "reopen a year with a reason"
    PREPARE = "prepare and change master data of the center, from its agreements on"
    SEE_HISTORY = "see and export who did what, and when: of what one may see, or of people and rights"
    SEE_WHOLE_HISTORY = "see and export the whole history, of people and rights too"
    SEE_RIGHTS_HISTORY = "see and export who did what about people and rights"
    ADMINISTER = "people, organisations, centers, settings"


# A column without a side holds for both.
_COLUMNS = (
    (Side.SUPPORTER, Role.VIEWER),
    (Side.SUPPORTER, Role.STAFF),
    (Side.OPERATOR, Role.VIEWER),
    (Side.OPERATOR, Role.STAFF),
    (None, Role.AUDITOR),
    (None, Role.ADMINISTRATOR),
)

# fmt: off
_TABLE = {
    #                          甲 viewer  甲 staff  乙 viewer  乙 staff  auditor  administrator
    Right.SEE_SETTLED:         ("yes",     "yes",    "yes",     "yes",    "yes",   "-"),
    Right.SEE_SUBMITTED:       ("-",       "yes",    "-",       "yes",    "-",     "-"),
    Right.SEE_DRAFTS:          ("-",       "-",      "-",       "yes",    "-",     "-"),
    Right.KEEP:                ("-",       "-",      "-",       "yes",    "-",     "-"),
    Right.REVIEW:              ("-",       "yes",    "-",       "-",      "-",     "-"),
    Right.SETTLE_JOINTLY:      ("-",       "yes",    "-",       "yes",    "-",     "-"),
    Right.CLOSE_YEAR:          ("-",       "-",      "-",       "yes",    "-",     "-"),
    Right.REOPEN_YEAR:         ("-",       "yes",    "-",       "-",      "-",     "-"),
    Right.PREPARE:             ("-",       "yes",    "-",       "yes",    "-",     "-"),
    Right.SEE_HISTORY:         ("yes",     "yes",    "yes",     "yes",    "yes",   "yes"),
    Right.SEE_WHOLE_HISTORY:   ("-",       "-",      "-",       "-",      "yes",   "-"),
    Right.SEE_RIGHTS_HISTORY:  ("-",       "-",      "-",       "-",      "yes",   "yes"),
    Right.ADMINISTER:          ("-",       "-",      "-",       "-",      "-",     "yes"),
}
# fmt: on


def permits(side: Side | None, role: Role | str, right: Right) -> bool:
    """What the table says for a side and a role; without a side, what a role may on either."""
    return any(
        cell == "yes" and column_role == role and column_side in (None, side)
        for (column_side, column_role), cell in zip(_COLUMNS, _TABLE[right], strict=True)
    )


def permits_somewhere(role: Role | str, right: Right) -> bool:
    """Whether a role has the right on any side; for what belongs to no center."""
    return any(permits(side, role, right) for side in (None, *Side))


def allowed(user: User, center: Center, right: Right) -> bool:
    """Whether the person may do this at this center; never at a foreign one."""
    side = center.side_of(user)
    stands_here = side is not None or center.pk in user.audited_from_outside
    return stands_here and user.is_active and permits(side, user.role, right)


def require(user: User, center: Center, right: Right) -> None:
    """Raise PermissionDenied unless allowed. Actions call it, so that no view can forget."""
    if not allowed(user, center, right):
        raise PermissionDenied(right.value)


def person(request: HttpRequest) -> User:
    """The person logged in. Views are behind LoginRequiredMiddleware, so there is one."""
    return cast(User, request.user)


def own_centers(request: HttpRequest) -> list[Center]:
    """The centers of the person's organisation, and those that they audit from outside; read once per request."""
    centers: list[Center] | None = getattr(request, "_own_centers", None)
    if centers is None:
        centers = list(Center.objects.seen_by(person(request)))
        request._own_centers = centers  # type: ignore[attr-defined]
    return centers


CenterView = Callable[Concatenate[HttpRequest, Center, ...], HttpResponseBase]


def center_view(right: Right) -> Callable[[CenterView], Callable[..., HttpResponseBase]]:
    """Give the view its center instead of the code; 404 for foreign centers, 403 without the right."""

    def decorate(view: CenterView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, center: str, **kwargs: Any) -> HttpResponseBase:
            found = next((own for own in own_centers(request) if own.code == center), None)
            if found is None:
                request.refused_center = True  # type: ignore[attr-defined]  # for the log
                raise Http404(center)
            request.center = found  # type: ignore[attr-defined]  # for the navigation
            if not allowed(person(request), found, right):
                raise PermissionDenied(right.value)
            money.write_negatives_with(found.negative_mark)
            return view(request, found, **kwargs)

        checked.rule = right  # type: ignore[attr-defined]  # the access test reads it
        return checked

    return decorate


AdministeredView = Callable[..., HttpResponseBase]


def administered_view(right: Right) -> Callable[[AdministeredView], AdministeredView]:
    """For pages about people and history, which belong to no center; 403 without the right."""

    def decorate(view: AdministeredView) -> AdministeredView:
        @wraps(view)
        def checked(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if not permits_somewhere(person(request).role, right):
                raise PermissionDenied(right.value)
            return view(request, **kwargs)

        checked.rule = right  # type: ignore[attr-defined]  # the access test reads it
        return checked

    return decorate


def everyone_view(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the few pages that everyone who is logged in has."""
    view.rule = "everyone"  # type: ignore[attr-defined]
    return view
