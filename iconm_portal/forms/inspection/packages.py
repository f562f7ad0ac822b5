"""Archives as which workbooks, documents and presentations come, looked at before anything opens them. Pure.

A package is a zip of XML that anybody can have written: a 200 KB file can inflate to 200 MB, a 4 KB one can claim 10^10
cells, and two programs can read two different documents out of one archive whose parts overlap. The order of the checks is
from cheap to dear; each part is inflated once, streamed, and never held.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any, Final, assert_never
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from iconm_portal.forms.inspection.markup import LONGEST_KEPT, MOST_ATTRIBUTES, Markup
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused

ZIP: Final = b"PK\x03\x04"
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_CHUNK: Final = 64 * 1024
_MOST_DIRECTORY: Final = 300  # bytes of the directory for each entry that is allowed


class Package(StrEnum):
    """What an office package holds."""

    WORKBOOK = "workbook"
    DOCUMENT = "document"
    PRESENTATION = "presentation"

    @property
    def main_types(self) -> tuple[str, ...]:
        """The content types of its main part, without macros."""
        office = "application/vnd.openxmlformats-officedocument."
        match self:
            case Package.WORKBOOK:
                return (f"{office}spreadsheetml.sheet.main+xml",)
            case Package.DOCUMENT:
                return (f"{office}wordprocessingml.document.main+xml",)
            case Package.PRESENTATION:
                return (
                    f"{office}presentationml.presentation.main+xml",
                    f"{office}presentationml.slideshow.main+xml",
                )
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as it was scanned."""

    markup: Markup
    begins: bytes


@contextmanager
def opened(data: bytes, limits: Limits) -> Iterator["LookedAt"]:
    """The archive, after its directory and every part of it was looked at. UploadRefused."""
    check_beginning(data, limits)
    check_end(data, limits)
    with ExitStack() as held:
        with _problems_of_the_file():
            archive = held.enter_context(LookedAt(io.BytesIO(data)))
            check_parts(data, archive.infolist(), limits)
            archive.look(limits)
        yield archive


@contextmanager
def _problems_of_the_file() -> Iterator[None]:
    """zipfile and expat meet malformed files with every kind of exception; the file is at fault all the same."""
    try:
        yield
    except (UploadRefused, GeneratorExit):
        raise
    except Exception as problem:
        raise UploadRefused(Refusal.DAMAGED) from problem


def check_size(size: int, limits: Limits) -> None:
    """UploadRefused for too many bytes."""
    if size > limits.bytes:
        raise UploadRefused(Refusal.TOO_BIG, bytes=size, limit=limits.bytes)


def check_beginning(data: bytes, limits: Limits) -> None:
    """UploadRefused for what is empty, too large, or does not begin as a package does."""
    if not data:
        raise UploadRefused(Refusal.EMPTY)
    check_size(len(data), limits)
    if data.startswith(OLE):
        raise UploadRefused(Refusal.ENCRYPTED if _ENCRYPTED_PACKAGE in data else Refusal.OLD_FORMAT)
    if not data.startswith(ZIP):
        raise UploadRefused(Refusal.WRONG_KIND)


def check_end(data: bytes, limits: Limits) -> None:
    """The archive ends where the file does, and its directory is no longer than its entries need: zipfile reads all of it."""
    at = data.rfind(b"PK\x05\x06", -(65_535 + 22))
    if at < 0 or len(data) - at < 22:
        raise UploadRefused(Refusal.DAMAGED)
    count, length, _start, comment = struct.unpack_from("<HIIH", data, at + 10)
    if at + 22 + comment != len(data):
        raise UploadRefused(Refusal.DAMAGED)
    if data[at - 20 : at - 16] == b"PK\x06\x07" and data[at - 76 : at - 72] == b"PK\x06\x06":
        wide_count, wide_length = struct.unpack_from("<QQ", data, at - 76 + 32)
        # Where both sizes are given, they say the same: a program reads the one or the other.
        if count not in (wide_count, 0xFFFF) or length not in (wide_length, 0xFFFFFFFF):
            raise UploadRefused(Refusal.DAMAGED)
        length = wide_length
    if length > _MOST_DIRECTORY * limits.parts:
        raise UploadRefused(Refusal.TOO_MANY_PARTS, limit=limits.parts)


def _is_safe(name: str) -> bool:
    return not (
        "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in name.split("/")
    )


def check_parts(data: bytes, parts: list[ZipInfo], limits: Limits) -> None:
    """What the archive's directory says. zipfile never inflates an entry beyond the size declared there."""
    if len(parts) > limits.parts:
        raise UploadRefused(Refusal.TOO_MANY_PARTS, limit=limits.parts)
    seen: set[str] = set()
    for part in parts:
        name = part.orig_filename.lower()
        if not _is_safe(name) or name in seen:
            raise UploadRefused(Refusal.UNSAFE_NAMES, name=part.filename)
        seen.add(name)
        if part.flag_bits & 1:
            raise UploadRefused(Refusal.ENCRYPTED)
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # a package uses no others
            raise UploadRefused(Refusal.DAMAGED)
        if part.file_size > max(limits.small, limits.ratio * part.compress_size):
            raise UploadRefused(Refusal.INFLATES_TOO_FAR, limit=limits.ratio)
    if sum(part.file_size for part in parts) > limits.inflated:
        raise UploadRefused(Refusal.INFLATES_TOO_FAR, limit=limits.inflated)
    _check_places(data, parts)
    if any(name.endswith("vbaproject.bin") or "macrosheets/" in name for name in seen):
        raise UploadRefused(Refusal.MACROS)
    if "[content_types].xml" not in seen:
        raise UploadRefused(Refusal.WRONG_KIND)


def _check_places(data: bytes, parts: list[ZipInfo]) -> None:
    """The parts stand one behind the other from the first byte on, none in another, and say twice the same of themselves."""
    end = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        at = part.header_offset
        if at < end or (end == 0 and at != 0) or data[at : at + 4] != ZIP:
            raise UploadRefused(Refusal.DAMAGED)
        flags, _method, _time, _day, _crc, packed, size, name, extra = struct.unpack_from(
            "<HHHHIIIHH", data, at + 6
        )
        is_said_later = flags & 8 or packed == 0xFFFFFFFF
        if not is_said_later and (packed, size) != (part.compress_size, part.file_size):
            raise UploadRefused(Refusal.DAMAGED)
        end = at + 30 + name + extra + part.compress_size
    if end > len(data):
        raise UploadRefused(Refusal.DAMAGED)


class LookedAt(ZipFile):
    """An archive that gives to a parser only what was found fit for one."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.parts: dict[str, _Part] = {}

    def look(self, limits: Limits) -> None:
        """Inflate every entry once, piece by piece: how much it really is, how many tags, and what they hold."""
        tags = other_tags = 0
        for entry in self.infolist():
            markup, begins = Markup(), b""
            with super().open(entry) as source:
                while piece := source.read(_CHUNK):
                    begins = begins or piece[:8]
                    markup.feed(piece)
            self.parts[entry.filename] = _Part(markup, begins)
            if entry.filename.startswith("xl/worksheets/") or entry.filename.endswith("haredStrings.xml"):
                tags += markup.tags
            else:
                other_tags += markup.tags
            if tags > limits.tags or other_tags > limits.other_tags:
                raise UploadRefused(Refusal.TOO_COMPLEX, limit=limits.tags)

    def open(self, name: str | ZipInfo, *args: Any, **kwargs: Any) -> IO[bytes]:
        """UploadRefused for a part that no parser may have; KeyError where there is none of the name."""
        part = self.parts.get(name.filename if isinstance(name, ZipInfo) else name)
        if part is not None and not part.markup.is_readable:
            raise UploadRefused(_why(part.markup))
        return super().open(name, *args, **kwargs)


def _why(markup: Markup) -> Refusal:
    return Refusal.TOO_COMPLEX if markup.is_plain else Refusal.FORBIDDEN_XML


# -- What is in a package --

_ACTIVE: Final = {
    "vbaproject": Refusal.MACROS,
    "wordvbadata": Refusal.MACROS,
    "xlmacrosheet": Refusal.MACROS,
    "xlintlmacrosheet": Refusal.MACROS,
    "oleobject": Refusal.EMBEDDED,
    "control": Refusal.EMBEDDED,
    "activexcontrolbinary": Refusal.EMBEDDED,
}
"""Relations, by the last word of their type, that make a file do something by being opened."""
_FROM_THE_NETWORK: Final = ("http:", "https:", "ftp:", "mhtml:")
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_PROGRAMS: Final = (OLE, b"MZ")  # older documents with objects and macros of their own, and programs


def check_package(data: bytes, expected: Package | None, limits: Limits, *, is_inside: bool = False) -> None:
    """UploadRefused for a package that is another one than expected (None: any), or that does something by itself.

    A package in a package (the workbook behind a chart) is looked at as well; a third one in it is refused.
    """
    with opened(data, limits) as archive, _problems_of_the_file():
        check_contents(archive, expected, limits, is_inside=is_inside)


def check_contents(
    archive: LookedAt, expected: Package | None, limits: Limits, *, is_inside: bool = False
) -> None:
    """The same of an archive that is open."""
    types = _content_types(archive)
    said = {one.lower() for one in types.values()}
    if any("macroenabled" in one or "vbaproject" in one for one in said):
        raise UploadRefused(Refusal.MACROS)
    kinds = {kind for kind in Package if said.intersection(map(str.lower, kind.main_types))}
    if not kinds or (expected is not None and kinds != {expected}):
        raise UploadRefused(Refusal.WRONG_KIND)
    _check_relations(archive)
    for name, part in archive.parts.items():
        key = name.lower()
        _check_part(archive, name, types.get(key) or types.get(f"*.{key.rpartition('.')[2]}", ""), part)
        if part.begins.startswith(_PROGRAMS):
            raise UploadRefused(Refusal.EMBEDDED)
        if part.begins.startswith(ZIP):
            _check_inner(archive, name, limits, is_inside)


def _check_inner(archive: LookedAt, name: str, limits: Limits, is_inside: bool) -> None:
    size = archive.getinfo(name).file_size
    if is_inside or size > limits.bytes:
        raise UploadRefused(Refusal.EMBEDDED)
    with ZipFile.open(archive, name) as source:
        inner = source.read()
    try:
        check_package(inner, None, limits, is_inside=True)
    except UploadRefused as refused:
        if refused.code in _KEPT_INSIDE:
            raise
        raise UploadRefused(Refusal.EMBEDDED) from refused


_KEPT_INSIDE: Final = frozenset({Refusal.MACROS, Refusal.INFLATES_TOO_FAR, Refusal.TOO_COMPLEX})
"""Reasons that are as true of the whole as of what is in it."""


def _content_types(archive: LookedAt) -> dict[str, str]:
    """The content type of each part that has one of its own, and under "*.ending" those by ending; names in small letters."""
    types: dict[str, str] = {}

    def note(tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "Override":
                types[attributes.get("PartName", "").removeprefix("/").lower()] = attributes.get(
                    "ContentType", ""
                )
            case "Default":
                types[f"*.{attributes.get('Extension', '').lower()}"] = attributes.get("ContentType", "")

    _read(archive, "[Content_Types].xml", note)
    return types


def _check_relations(archive: LookedAt) -> None:
    def check(tag: str, attributes: dict[str, str]) -> None:
        if tag != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        if kind in _ACTIVE:
            raise UploadRefused(_ACTIVE[kind])
        # A template on somebody's own disk is what Word writes of every letter; one from the network is fetched unasked.
        if kind == "attachedtemplate" and attributes.get("Target", "").lower().startswith(_FROM_THE_NETWORK):
            raise UploadRefused(Refusal.LIVE_LINK)

    for name in archive.namelist():
        if name.lower().endswith(".rels"):
            _read(archive, name, check)


def _check_part(archive: LookedAt, name: str, content_type: str, part: _Part) -> None:
    """What an office program parses must be as bounded as what we do, but for drawings; links to programs are none."""
    if not content_type.startswith(_OFFICE) or not content_type.endswith("+xml"):
        return
    markup = part.markup
    is_sheet = content_type.startswith(f"{_OFFICE}spreadsheetml.")
    if not (markup.is_readable if is_sheet else _is_bounded(markup)):
        raise UploadRefused(_why(markup))
    if markup.has_dde:
        raise UploadRefused(Refusal.LIVE_LINK)
    if content_type.endswith("externalLink+xml"):
        _read(archive, name, _refuse_programs)


def _is_bounded(markup: Markup) -> bool:
    return markup.is_plain and markup.longest <= LONGEST_KEPT and markup.attributes <= MOST_ATTRIBUTES


def _refuse_programs(tag: str, attributes: dict[str, str]) -> None:
    if tag in {"ddeLink", "oleLink"}:
        raise UploadRefused(Refusal.LIVE_LINK)


def _read(archive: LookedAt, name: str, note: Any) -> None:
    """Each tag of a small part with its attributes, names without their namespaces."""
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: note(tag.rpartition(" ")[2], attributes)
    with archive.open(name) as source:
        try:
            parser.ParseFile(source)
        except ExpatError as error:
            raise UploadRefused(Refusal.DAMAGED) from error
