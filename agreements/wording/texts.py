"""What the pages and the command say about a text that was read: uses of lines, problems, refusals."""

from collections.abc import Mapping
from typing import assert_never

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from agreements.wording import LineUse, Problem, ProblemCode, WordingTooLong
from agreements.wording.text_file import FileKind, Refusal, TextFileRefused
from iconm_portal.values.money import format_number

USES: dict[LineUse, Promise] = {
    LineUse.TITLE: pgettext_lazy("line of a text", "title"),
    LineUse.PREAMBLE: pgettext_lazy("line of a text", "preamble"),
    LineUse.CONTENTS: pgettext_lazy("line of a text", "table of contents"),
    LineUse.HEADING: pgettext_lazy("line of a text", "heading"),
    LineUse.CHAPTER: pgettext_lazy("line of a text", "chapter"),
    LineUse.ARTICLE: pgettext_lazy("line of a text", "article"),
    LineUse.PARAGRAPH: pgettext_lazy("line of a text", "paragraph"),
    LineUse.ITEM: pgettext_lazy("line of a text", "item"),
    LineUse.SUBITEM: pgettext_lazy("line of a text", "sub-item"),
    LineUse.SUPPLEMENT: pgettext_lazy("line of a text", "supplement"),
    LineUse.CLOSING: pgettext_lazy("line of a text", "closing and signatures"),
    LineUse.BLANK: pgettext_lazy("line of a text", "blank"),
    LineUse.PAGE_MARK: pgettext_lazy("line of a text", "page number"),
    LineUse.NOT_UNDERSTOOD: pgettext_lazy("line of a text", "not understood"),
}

_KINDS: dict[str, Promise] = {
    FileKind.PDF: gettext_lazy("a PDF file"),
    FileKind.WORD: gettext_lazy("a Word file"),
    FileKind.EXCEL: gettext_lazy("an Excel file"),
    FileKind.POWERPOINT: gettext_lazy("a PowerPoint file"),
    FileKind.OPEN_DOCUMENT: gettext_lazy("an OpenDocument file"),
    FileKind.OLD_OFFICE: gettext_lazy("an old Office file"),
    FileKind.ICHITARO: gettext_lazy("an Ichitaro file"),
    FileKind.RICH_TEXT: gettext_lazy("a rich-text file"),
    FileKind.ARCHIVE: gettext_lazy("an archive"),
    FileKind.IMAGE: gettext_lazy("a picture"),
    FileKind.UNKNOWN: gettext_lazy("a binary file"),
}


def problem(found: Problem) -> str:
    """What is wrong and where, in a sentence; the article within which a number is missing is named first."""
    texts: Mapping[ProblemCode, str] = {
        ProblemCode.NO_TITLE: _("No title was found above the first article."),
        ProblemCode.NO_ARTICLE: _("No article (第1条 …) was found."),
        ProblemCode.NUMBERS_AS_ARTICLES: _(
            "There is no article (第1条 …); the numbers from %(label)s on were taken for articles."
        ),
        ProblemCode.MISSING: _("%(label)s is missing."),
        ProblemCode.MISSING_RANGE: _("%(first)s to %(last)s are missing."),
        ProblemCode.REPEATED: _("%(label)s stands twice; the first one is in line %(first_line)s."),
        ProblemCode.OUT_OF_ORDER: _("%(label)s comes after %(after)s."),
        ProblemCode.ITEM_BEFORE_ARTICLE: _("The number %(label)s stands before any article."),
        ProblemCode.NO_TEXT: _("%(label)s has no text."),
        ProblemCode.HEADING_ALONE: _("The heading “%(heading)s” belongs to no article."),
        ProblemCode.NOT_UNDERSTOOD: _("Lines up to line %(last_line)s were not understood and are left out.")
        if found.params.get("last_line", found.line) != found.line
        else _("The line was not understood and is left out."),
        ProblemCode.ANOTHER_TEXT: _(
            "Another text begins here (%(label)s); its lines up to line %(last_line)s are left out."
        ),
        ProblemCode.FOOTNOTE: _("The file has a footnote here, which is left out."),
        ProblemCode.TEXT_BOX: _("The file has a text box here, which is left out."),
        ProblemCode.PICTURE: _("The file has a picture, a formula or a sign here, which is left out."),
        ProblemCode.TRACKED_CHANGE: _(
            "The file has tracked changes here: what was inserted is taken, what was deleted is left out."
        ),
        ProblemCode.HIDDEN_TEXT: _("The file has hidden text here, which is left out."),
        ProblemCode.NUMBER_LOST: _("Word sets a number here by itself that could not be recovered."),
        ProblemCode.PAGE_WITHOUT_TEXT: _("Page %(page)s of the file has no text; it may be a picture."),
        ProblemCode.STANDS_BEYOND: _(
            "“%(label)s” begins another provision; it was left as it was typed. Add that one in its own place."
        ),
        ProblemCode.MAY_BEGIN: _(
            "%(label)s may begin something of its own; it was joined to what stands before it."
        ),
        ProblemCode.MAY_GO_ON: _(
            "%(label)s was taken for a beginning, but may go on from what stands before it."
        ),
        ProblemCode.MAY_BE_A_NUMBER: _(
            "The number %(label)s stands alone: it may be that of a page, or of a paragraph that was torn from it."
        ),
        ProblemCode.MAY_BE_SIGNATURES: _(
            "The parties (%(label)s) may belong to the article, or be those who sign; they were taken as part of the article."
        ),
    }
    said = texts[found.code] % found.params
    within = found.params.get("within", "")
    if within and within != found.params.get("label"):
        said = _("In %(article)s: %(problem)s") % {"article": within, "problem": said}
    return _("Line %(line)s: %(problem)s") % {"line": found.line, "problem": said} if found.line else said


def refusal(error: TextFileRefused | WordingTooLong) -> str:
    """Why a file or a text is not read, and what to do."""
    if isinstance(error, WordingTooLong):
        counts = {name: format_number(count) for name, count in error.params.items()}
        if error.code == "lines":
            return (
                _(
                    "The text has %(found)s lines; at most %(limit)s are read. Keep the lines of this agreement only."
                )
                % counts
            )
        return (
            _(
                "The text has %(found)s characters; at most %(limit)s are read."
                " Keep the lines of this agreement only."
            )
            % counts
        )
    match error.code:
        case Refusal.EMPTY:
            return _("The file holds no text.")
        case Refusal.TOO_LARGE:
            sizes = {
                "size": filesizeformat(error.params["size"]),
                "limit": filesizeformat(error.params["limit"]),
            }
            return _("The text is %(size)s; at most %(limit)s are read.") % sizes
        case Refusal.BINARY:
            kind = _KINDS[str(error.params["looks_like"])]
            return _(
                "This is %(kind)s, not a text file. Open it in its program and save it as text, or paste its text."
            ) % {"kind": kind}
        case Refusal.NOT_DECODABLE:
            return _("The text's encoding was not recognised. Save it again as UTF-8, or paste the text.")
        case Refusal.SCAN:
            return _(
                "The file holds no text, only pictures of pages (a scan). Run it through text recognition, or paste its text."
            )
        case Refusal.NO_LETTERS:
            return _("The letters of this PDF cannot be read as text. Use the Word file, or paste its text.")
        case Refusal.ENCRYPTED:
            return _("The file is protected by a password. Save it without one and choose that.")
        case Refusal.DAMAGED:
            return _("The file is damaged. Open it in its own program, save it again and choose that.")
        case Refusal.TOO_MANY_PAGES:
            return _("The file has %(pages)s pages; at most %(limit)s are read.") % error.params
        case Refusal.TOO_HARD:
            return _("The file takes too long to be read. Save it anew, or paste its text.")
        case Refusal.NO_JAPANESE:
            return _("There is no Japanese in this text, so it is no official wording of an agreement.")
        case _:
            assert_never(error.code)
