"""Word and PDF files made in code, for whoever reads the text of one."""

import io
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

W = nsdecls("w")


def word(fill: Callable[[Any], None]) -> bytes:
    """A Word file; `fill` gets the document to write into."""
    document, file = Document(), io.BytesIO()
    fill(document)
    document.save(file)
    return file.getvalue()


def word_of(text: str) -> bytes:
    """A Word file with a paragraph for each line."""

    def fill(document: Any) -> None:
        for line in text.splitlines():
            document.add_paragraph(line)

    return word(fill)


def numbered(document: Any, levels: Sequence[tuple[str, str]], list_id: int = 77) -> None:
    """Lets paragraphs be numbered by Word: format and text of each level."""
    numbering = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="{list_id}">{inner}</w:abstractNum>'))
    numbering.append(
        parse_xml(f'<w:num {W} w:numId="{list_id}"><w:abstractNumId w:val="{list_id}"/></w:num>')
    )


def add_numbered(document: Any, text: str, depth: int = 0, list_id: int = 77) -> None:
    paragraph = document.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""


def pdf_of(*pages: str, contents: Sequence[bytes] | None = None) -> bytes:
    """A PDF file with the lines of each page as text; `contents` are what pages draw instead."""
    drawn = list(contents) if contents is not None else [_drawn(page) for page in pages]
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Mincho /Encoding /Identity-H /ToUnicode 4 0 R /DescendantFonts"
        b" [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Mincho /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>] >>"
    )
    numbers = range(5, 5 + 2 * len(drawn), 2)
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(drawn)),
        font,
        _stream(_TO_UNICODE),
    ]
    for number, content in zip(numbers, drawn, strict=True):
        resources = b"/Resources << /Font << /F1 3 0 R >> >>"
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %d 0 R >>"
        objects += [page % (resources, number + 1), _stream(content)]
    return _file(objects)


def _drawn(page: str) -> bytes:
    lines = [b"BT /F1 10 Tf 14 TL 50 800 Td"]
    lines += (b"<%s> Tj T*" % line.encode("utf-16-be").hex().encode() for line in page.split("\n"))
    return b"\n".join([*lines, b"ET"])


def _stream(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
