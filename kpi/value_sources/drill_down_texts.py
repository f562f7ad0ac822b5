"""How the register and a reported value are set side by side, in words."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.support.texts import joined
from iconm_portal.display import template_tags
from iconm_portal.values.money import format_number
from kpi.models import Measured, Record
from kpi.plans import texts
from kpi.value_sources import suggested_texts
from kpi.value_sources.drill_down import Counted


def basis_in_words(key: str) -> str:
    """From what a value is proposed, as the history keeps it (`Choice.key`): the settlement of an account, or what is
    counted of a category, each by its code; empty for anything else."""
    match key.split("/"):
        case ["account", code]:
            return _("Settlement of the account: %(code)s") % {"code": code}
        case ["category", code, measured] if measured in Measured.values:
            words = {"code": code, "measured": Measured(measured).label}
            return _("Register: %(code)s, %(measured)s") % words
    return ""


def value_text(found: Counted) -> str:
    """The register's number in the indicator's unit, or that it is not kept."""
    if found.value is None:
        return _("no record")
    return texts.quantity(found.indicator.text(found.value), found.indicator.unit)


def finding(found: Counted) -> str:
    """Reported and registered, whether they agree, and how many records are dated too vaguely to tell."""
    said = [_compared(found)]
    if found.counted.opening is not None:
        said.append(_("%(opening)s.") % {"opening": suggested_texts.opening_text(found.counted)})
    if short := suggested_texts.short_text(found.counted):
        said.append(short)
    if not (vague := found.sums.vague):
        return joined(said)
    more = ngettext(
        "%(number)s more record is dated too vaguely to be counted.",
        "%(number)s more records are dated too vaguely to be counted.",
        vague,
    )
    return joined([*said, more % {"number": format_number(vague)}])


def _compared(found: Counted) -> str:
    words = {
        "year": texts.year_label(found.cell.year),
        "reported": texts.value(found.indicator, found.cell),
        "counted": value_text(found),
        "day": template_tags.as_of(found.as_of),
    }
    if found.value is None and found.counted.opening is not None:
        return _("%(year)s: reported %(reported)s. The register says nothing of that day.") % words
    if found.value is None and found.sums.vague:
        return _("%(year)s: reported %(reported)s. No record of the register surely counts.") % words
    if found.value is None and found.span.first is not None:
        return _("%(year)s: reported %(reported)s. The register holds no record of this in the year.") % words
    if found.value is None:
        return _("%(year)s: reported %(reported)s. The register holds no record of this yet.") % words
    if found.cell.value is None:
        return _("%(year)s: the register counts %(counted)s as of %(day)s; nothing is reported.") % words
    if not found.difference:
        return _("%(year)s: %(reported)s were reported, and the register counts as many.") % words
    words["difference"] = texts.quantity(found.indicator.text(abs(found.difference)), found.indicator.unit)
    if found.may_be_as_many:
        return (
            _(
                "%(year)s: %(reported)s were reported; %(counted)s surely stand in the register, perhaps as many."
            )
            % words
        )
    if found.counted.short_of is not None or (
        found.difference > 0 and found.sums.lacking(found.basis.measured)
    ):
        return _("%(year)s: %(reported)s were reported; %(counted)s stand in the register.") % words
    if found.difference > 0:
        return (
            _("%(year)s: %(reported)s were reported, the register counts %(counted)s: %(difference)s less.")
            % words
        )
    return (
        _("%(year)s: %(reported)s were reported, the register counts %(counted)s: %(difference)s more.")
        % words
    )


def rule(found: Counted) -> str:
    """What is counted, in one sentence."""
    words = {
        "what": Measured(found.basis.measured).label,
        "category": str(found.basis.category),
        "day": template_tags.as_of(found.as_of),
        "year": texts.year_label(found.cell.year),
    }
    if found.counted.opening is not None:
        words["from"] = template_tags.era_date(found.counted.opening.as_of)
        return (
            _(
                "Counted is the opening balance of %(from)s, and %(what)s of “%(category)s” since then, up to %(day)s."
            )
            % words
        )
    if found.span.first is None:
        return _("Counted is %(what)s of “%(category)s” since the start, up to %(day)s.") % words
    return _("Counted is %(what)s of “%(category)s” within %(year)s, up to %(day)s.") % words


def facts(found: Counted) -> list[tuple[str, str]]:
    """Reported value, who stands behind it, register, what the register lacks."""
    said = [(_("Reported"), texts.value(found.indicator, found.cell))]
    if actual := found.cell.actual:
        said.append((_("As of"), texts.as_of(actual)))
        said.append((_("Reported and accepted"), texts.behind(actual.report)))
        if actual.note:
            said.append((_("Note"), actual.note))
    said.append((_("The register's number"), value_text(found)))
    if found.counted.opening is not None:
        said.append((_("Opening balance"), suggested_texts.opening_text(found.counted)))
    if lacking := found.sums.lacking(found.basis.measured):
        said.append(
            (
                _("Not whole"),
                ngettext(
                    "%(count)s of the records does not say what is counted.",
                    "%(count)s of the records do not say what is counted.",
                    lacking,
                )
                % {"count": f"{lacking:,}"},
            )
        )
    return said


def beside(found: Counted) -> Iterator[tuple[str, str, QuerySet[Record]]]:
    """What is not counted, each with why: heading, note, records."""
    yield (
        _("Too vague to be counted"),
        _("Their dates do not say whether they belong here. With a nearer date they count or drop out."),
        found.vague,
    )
    yield (
        _("In the opening balance"),
        _("They happened up to its day, so it holds them already; they are not counted a second time."),
        found.in_opening,
    )
    yield (_("Withdrawn"), _("They stay with their reasons, and are never counted."), found.withdrawn)
    yield (
        _("Totals of periods"),
        _("They stand for many at once, so no year can count them."),
        found.totals,
    )
