"""PDF files, looked at for what a reader program would do by itself: scripts, programs, files within. Pure.

Objects stand in the file as they are, or packed in object streams; both are searched. Names may be written with #xx.
"""

import re
import zlib
from typing import Final

from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused

_MOST_INFLATED: Final = 64 * 1024 * 1024
_LONGEST_DICTIONARY: Final = 4096
_CHUNK: Final = 16 * 1024
_BEGIN: Final = re.compile(rb"stream\r?\n")


def _name(text: str) -> str:
    """A name, each letter as it is or as #xx."""
    return "/" + "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in text)


_AFTER: Final = r"(?![A-Za-z0-9])"
_ACTIVE: Final = re.compile(
    "|".join(
        f"{_name(text)}{_AFTER}" for text in ("JavaScript", "Launch", "EmbeddedFile", "RichMedia")
    ).encode()
)
_ENCRYPTED: Final = re.compile(f"{_name('Encrypt')}{_AFTER}".encode())
_OBJECTS: Final = re.compile(f"{_name('ObjStm')}{_AFTER}".encode())
_PACKED: Final = re.compile(f"{_name('Filter')}{_AFTER}".encode())


def check_pdf(data: bytes) -> None:
    """UploadRefused for one that does something by being opened, or that cannot be looked into."""
    _check(data)
    packed = inflated = 0
    for found in _OBJECTS.finditer(data):
        read, objects = _inflated(data, found.end(), _MOST_INFLATED - inflated)
        packed, inflated = packed + read, inflated + len(objects)
        if packed > len(data):  # streams in one another
            raise UploadRefused(Refusal.DAMAGED)
        _check(objects)


def _check(data: bytes) -> None:
    if _ENCRYPTED.search(data):
        raise UploadRefused(Refusal.ENCRYPTED)
    if _ACTIVE.search(data):
        raise UploadRefused(Refusal.ACTIVE_PDF)


def _inflated(data: bytes, at: int, most: int) -> tuple[int, bytes]:
    """The objects of the stream whose dictionary stands there, and the bytes that they were packed in."""
    begin = _BEGIN.search(data, at, at + _LONGEST_DICTIONARY)
    if begin is None:
        raise UploadRefused(Refusal.DAMAGED)
    dictionary = data[data.rfind(b"obj", max(0, at - _LONGEST_DICTIONARY), at) : begin.start()]
    if not _PACKED.search(dictionary):
        return 0, b""  # it was searched with the rest
    unpacking, place, objects = zlib.decompressobj(), begin.end(), bytearray()
    try:
        while place < len(data) and not unpacking.eof:
            objects += unpacking.decompress(data[place : place + _CHUNK], most + 1 - len(objects))
            place += _CHUNK
            if len(objects) > most:
                raise UploadRefused(Refusal.INFLATES_TOO_FAR, limit=_MOST_INFLATED)
    except zlib.error as error:
        raise UploadRefused(Refusal.DAMAGED) from error
    return min(place, len(data)) - begin.end() - len(unpacking.unused_data), bytes(objects)
