"""The kinds of files that the portal takes, and what each must be by its content."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, assert_never

from iconm_portal.forms.inspection import packages
from iconm_portal.forms.inspection.packages import Package
from iconm_portal.forms.inspection.pdf import check_pdf
from iconm_portal.forms.inspection.plain_text import check_text
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
XLSX: Final = f"{_OFFICE}spreadsheetml.sheet"


class FileKind(StrEnum):
    """A kind, by the ending that it goes by."""

    PDF = "pdf"
    XLSX = "xlsx"
    DOCX = "docx"
    PPTX = "pptx"
    PNG = "png"
    JPG = "jpg"
    JPEG = "jpeg"
    CSV = "csv"
    TXT = "txt"

    @property
    def content_type(self) -> str:
        match self:
            case FileKind.PDF:
                return "application/pdf"
            case FileKind.XLSX:
                return XLSX
            case FileKind.DOCX:
                return f"{_OFFICE}wordprocessingml.document"
            case FileKind.PPTX:
                return f"{_OFFICE}presentationml.presentation"
            case FileKind.PNG:
                return "image/png"
            case FileKind.JPG | FileKind.JPEG:
                return "image/jpeg"
            case FileKind.CSV:
                return "text/csv"
            case FileKind.TXT:
                return "text/plain"
            case _:
                assert_never(self)

    def check(self, data: bytes, limits: Limits) -> None:
        """UploadRefused for what is no such file, whatever its name says, or for one that is not safe to keep."""
        match self:
            case FileKind.PDF:
                _check_signature(data, b"%PDF-")
                check_pdf(data)
            case FileKind.XLSX:
                packages.check_package(data, Package.WORKBOOK, limits)
            case FileKind.DOCX:
                packages.check_package(data, Package.DOCUMENT, limits)
            case FileKind.PPTX:
                packages.check_package(data, Package.PRESENTATION, limits)
            case FileKind.PNG:
                _check_signature(data, b"\x89PNG\r\n\x1a\n")
            case FileKind.JPG | FileKind.JPEG:
                _check_signature(data, b"\xff\xd8\xff")
            case FileKind.CSV | FileKind.TXT:
                check_text(data)
            case _:
                assert_never(self)


ALL: Final = tuple(FileKind)
TABLES: Final = (FileKind.XLSX, FileKind.CSV, FileKind.TXT)
MACROS: Final = frozenset({"xlsm", "xltm", "xlam", "xlsb", "docm", "dotm", "pptm", "potm", "ppsm"})
OLD: Final = frozenset({"xls", "doc", "ppt"})


def ending(filename: str) -> str:
    """In small letters, without its dot; empty where there is none."""
    return filename.rpartition(".")[2].lower() if "." in filename else ""


def kind_of(
    filename: str, accepted: Iterable[FileKind], otherwise: Refusal = Refusal.NOT_ACCEPTED
) -> FileKind:
    """The kind that the name says. UploadRefused for one that is not among the accepted, where nothing else is to be said."""
    accepted = list(accepted)
    said = ending(filename)
    if said in accepted:
        return FileKind(said)
    if said in MACROS:
        raise UploadRefused(Refusal.MACROS)
    if said in OLD:
        raise UploadRefused(Refusal.OLD_FORMAT)
    raise UploadRefused(otherwise, filename=filename, kinds=", ".join(accepted))


def _check_signature(data: bytes, signature: bytes) -> None:
    if not data.startswith(signature):
        raise UploadRefused(Refusal.WRONG_KIND)
