"""Files that nobody should send, made in code: each with the refusal that it meets, whatever the door."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from openpyxl import Workbook

from iconm_portal.forms.inspection.refusals import Refusal
from tests.word_and_pdf import pdf_of, word_of

OFFICE: Final = "application/vnd.openxmlformats-officedocument"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEETS: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET: Final = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Hostile:
    """A file that is refused: what it is called, and why."""

    what: str
    name: str
    make: Callable[[], bytes]
    code: Refusal

    def __str__(self) -> str:
        return self.what


# -- Honest ones, of which the others are made --


@cache
def workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(["日付", "金額"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def package(
    main: str,
    part: str,
    xml: str,
    further: Mapping[str, str | bytes] | None = None,
    *,
    types: str = "",
    relations: str = "",
) -> bytes:
    """A package as an office program builds one; `relations` are of its main part."""
    folder, _slash, name = part.rpartition("/")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{part}" ContentType="{main}"/>{types}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            relations_of(f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="{part}"/>'),
        )
        archive.writestr(part, xml)
        archive.writestr(f"{folder}/_rels/{name}.rels", relations_of(relations))
        for other, content in (further or {}).items():
            archive.writestr(other, content)
    return file.getvalue()


def relations_of(relations: str) -> str:
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'


def relation(kind: str, target: str, *, external: bool = False) -> str:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="r9" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'


def document(body: str = "<w:p/>", further: Mapping[str, str | bytes] | None = None, **more: str) -> bytes:
    words = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{words}"><w:body>{body}</w:body></w:document>'
    return package(f"{OFFICE}.wordprocessingml.document.main+xml", "word/document.xml", xml, further, **more)


def presentation(further: Mapping[str, str | bytes] | None = None, **more: str) -> bytes:
    slides = "http://schemas.openxmlformats.org/presentationml/2006/main"
    xml = f'<?xml version="1.0" encoding="UTF-8"?><p:presentation xmlns:p="{slides}"/>'
    return package(
        f"{OFFICE}.presentationml.presentation.main+xml", "ppt/presentation.xml", xml, further, **more
    )


def changed(changes: Mapping[str, str | bytes], content: bytes | None = None) -> bytes:
    """A workbook with other parts."""
    content, file = content or workbook(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, part in changes.items():
            new.writestr(name, part)
    return file.getvalue()


def with_relations(relations: str, further: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook whose main part refers to more."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        own = archive.read("xl/_rels/workbook.xml.rels").decode()
    return changed(
        {
            "xl/_rels/workbook.xml.rels": own.replace("</Relationships>", relations + "</Relationships>"),
            **(further or {}),
        }
    )


def with_types(types: str, further: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook that says more of the kinds of its parts."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        own = archive.read("[Content_Types].xml").decode()
    return changed({"[Content_Types].xml": own.replace("</Types>", types + "</Types>"), **(further or {})})


def sheet(cells: str) -> bytes:
    return changed({SHEET: f'<worksheet xmlns="{SHEETS}"><sheetData>{cells}</sheetData></worksheet>'})


def pdf(objects: str = "") -> bytes:
    return f"%PDF-1.7\n1 0 obj\n<< /Type /Catalog {objects} >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n".encode()


def pdf_with_packed(objects: bytes) -> bytes:
    """One whose objects are packed, as most are today."""
    packed = zlib.compress(objects)
    head = f"%PDF-1.7\n5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
    return head.encode() + packed + b"\nendstream\nendobj\n%%EOF\n"


# -- Bombs --


def _noise(length: int) -> str:
    """What hardly packs."""
    return random.Random(1).randbytes(length // 2).hex()


@cache
def many_attributes() -> bytes:
    noise = _noise(2_400_000)
    attributes = " ".join(f'a{noise[at : at + 8]}{at}="1"' for at in range(0, len(noise), 8))
    return sheet(f'<row r="1" {attributes}><c r="A1"><v>1</v></c></row>')


@cache
def one_attribute() -> bytes:
    return sheet(f'<row r="1"><c r="A1" x="{_noise(9_000_000)}"><v>1</v></c></row>')


@cache
def one_comment() -> bytes:
    """Of which each piece is short, but to a parser it is one."""
    noise = _noise(3_000_000)
    return sheet(
        "<!-- " + " <".join(noise[at : at + 1000] for at in range(0, len(noise), 1000)) + " --><row/>"
    )


def one_text() -> bytes:
    return sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{_noise(1_000_000)}</t></is></c></row>')


@cache
def ratio_bomb() -> bytes:
    return changed({"xl/media/image1.png": bytes(400_000_000)})


def many_members() -> bytes:
    return changed({f"xl/{number}.xml": b"" for number in range(5_000)})


def overlapping_members() -> bytes:
    """Two entries of the directory give one place out as two parts."""
    content = bytearray(changed({"xl/a.xml": b"<a/>", "xl/b.xml": b"<a/>"}))
    first = content.rindex(b"PK\x01\x02", 0, content.rindex(b"PK\x01\x02"))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(content)


def understated_size() -> bytes:
    content = bytearray(changed({SHEET: b"<a/>" + b" " * 2_000_000}))
    entry, local = content.rindex(b"PK\x01\x02"), content.rindex(b"PK\x03\x04")
    struct.pack_into("<I", content, entry + 24, 100)
    struct.pack_into("<I", content, local + 22, 100)
    return bytes(content)


def two_sizes() -> bytes:
    """The directory and the part itself say different things."""
    content = bytearray(workbook())
    struct.pack_into("<I", content, content.rindex(b"PK\x03\x04") + 22, 7)
    return bytes(content)


def wide_lie() -> bytes:
    """The wider directory of ZIP64 counts another number of parts than the narrow one."""
    content = workbook()
    end = content.rindex(b"PK\x05\x06")
    count, length, start = struct.unpack_from("<HII", content, end + 10)
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count + 1, count + 1, length, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    return content[:end] + wide + locator + content[end:]


def junk_behind() -> bytes:
    return workbook() + b"\0" * 100 + b"further"


def nested() -> bytes:
    inner = changed({"xl/embeddings/book.xlsx": changed({"xl/embeddings/book.xlsx": workbook()})})
    return document(further={"word/embeddings/book.xlsx": inner})


def pages_in_a_circle() -> bytes:
    return pdf("/Pages 2 0 R").replace(
        b"trailer", b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999999 >>\nendobj\ntrailer"
    )


@cache
def endless_page() -> bytes:
    return pdf_of(contents=[b"BT /F1 10 Tf <6728> Tj ET " * 4_000_000])


@cache
def endless_pages() -> bytes:
    return pdf_of(*["\u6728"] * 400)


def deep_document() -> bytes:
    """Elements within each other, as deep as no program writes them."""
    return document("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000)


@cache
def bomb_within() -> bytes:
    return document(further={"word/embeddings/book.xlsx": many_attributes()})


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><worksheet xmlns="{SHEETS}"><a>&l9;</a></worksheet>'
    return changed({SHEET: xml})


def wide_letters() -> bytes:
    """Whoever looks for "<" finds none where it is written in sixteen bits."""
    xml = f'<?xml version="1.0" encoding="utf-16"?><worksheet xmlns="{SHEETS}"><sheetData/></worksheet>'
    return changed({SHEET: xml.encode("utf-16")})


@cache
def packed_bomb() -> bytes:
    return pdf_with_packed(bytes(70_000_000))


# -- What does something by being opened --

DDE = f'<externalLink xmlns="{SHEETS}"><ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems/></ddeLink></externalLink>'
LINK_TYPE = f'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="{OFFICE}.spreadsheetml.externalLink+xml"/>'
MACRO_TYPE = '<Override PartName="/xl/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def macro_workbook() -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        types = archive.read("[Content_Types].xml").decode()
    main = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    return changed({"[Content_Types].xml": types.replace(f"{OFFICE}.spreadsheetml.sheet.main+xml", main)})


TABLES: Final = (
    Hostile("attributes without end", "a.xlsx", many_attributes, Refusal.TOO_COMPLEX),
    Hostile("one enormous attribute", "a.xlsx", one_attribute, Refusal.TOO_COMPLEX),
    Hostile("one enormous comment", "a.xlsx", one_comment, Refusal.FORBIDDEN_XML),
    Hostile("one enormous text", "a.xlsx", one_text, Refusal.TOO_COMPLEX),
    Hostile("a zip bomb", "a.xlsx", ratio_bomb, Refusal.INFLATES_TOO_FAR),
    Hostile("parts without number", "a.xlsx", many_members, Refusal.TOO_MANY_PARTS),
    Hostile("parts in one another", "a.xlsx", overlapping_members, Refusal.DAMAGED),
    Hostile("a part larger than it says", "a.xlsx", understated_size, Refusal.DAMAGED),
    Hostile("a part of two sizes", "a.xlsx", two_sizes, Refusal.DAMAGED),
    Hostile("a lie of ZIP64", "a.xlsx", wide_lie, Refusal.DAMAGED),
    Hostile("junk behind PK", "a.xlsx", lambda: b"PK\x03\x04 junk", Refusal.DAMAGED),
    Hostile("junk behind the end", "a.xlsx", junk_behind, Refusal.DAMAGED),
    Hostile("a billion laughs", "a.xlsx", billion_laughs, Refusal.FORBIDDEN_XML),
    Hostile("letters of sixteen bits", "a.xlsx", wide_letters, Refusal.FORBIDDEN_XML),
    Hostile("a macro part", "a.xlsx", lambda: changed({"xl/vbaProject.bin": b"x"}), Refusal.MACROS),
    Hostile(
        "a macro part by another name",
        "a.xlsx",
        lambda: with_types(MACRO_TYPE, {"xl/x.bin": b"x"}),
        Refusal.MACROS,
    ),
    Hostile("a macro workbook renamed", "a.xlsx", macro_workbook, Refusal.MACROS),
    Hostile("a macro workbook", "a.xlsm", workbook, Refusal.MACROS),
    Hostile(
        "an embedded object",
        "a.xlsx",
        lambda: changed({"xl/embeddings/oleObject1.bin": OLE}),
        Refusal.EMBEDDED,
    ),
    Hostile(
        "an object of another program",
        "a.xlsx",
        lambda: with_relations(relation("oleObject", "file:///x", external=True)),
        Refusal.EMBEDDED,
    ),
    Hostile(
        "a program within", "a.xlsx", lambda: changed({"xl/media/image1.png": b"MZ\x90"}), Refusal.EMBEDDED
    ),
    Hostile(
        "a call of a program (DDE)",
        "a.xlsx",
        lambda: with_types(LINK_TYPE, {"xl/externalLinks/externalLink1.xml": DDE}),
        Refusal.LIVE_LINK,
    ),
    Hostile("a document renamed", "a.xlsx", document, Refusal.WRONG_KIND),
    Hostile("an old workbook renamed", "a.xlsx", lambda: OLE, Refusal.OLD_FORMAT),
    Hostile(
        "an encrypted workbook",
        "a.xlsx",
        lambda: OLE + "EncryptedPackage".encode("utf-16-le"),
        Refusal.ENCRYPTED,
    ),
    Hostile("a PDF renamed", "a.xlsx", pdf, Refusal.WRONG_KIND),
)
"""Workbooks, which every door but that of a wording takes."""

TEXTS: Final = (
    Hostile("NUL in a text", "a.csv", lambda: b"a,b\n\0,1\n", Refusal.NOT_TEXT),
    Hostile("a line without end", "a.csv", lambda: b"a" * 2_000_000, Refusal.LINE_TOO_LONG),
    Hostile("commas without end", "a.csv", lambda: b"a,b\n" + b"," * 2_000_000, Refusal.LINE_TOO_LONG),
    Hostile("a workbook renamed to text", "a.txt", workbook, Refusal.NOT_TEXT),
)

EVIDENCE: Final = (
    Hostile(
        "a document with macros",
        "a.docx",
        lambda: document(further={"word/vbaProject.bin": b"x"}),
        Refusal.MACROS,
    ),
    Hostile(
        "a template from the network",
        "a.docx",
        lambda: document(relations=relation("attachedTemplate", "https://example.com/x.dotm", external=True)),
        Refusal.LIVE_LINK,
    ),
    Hostile(
        "a field that calls a program",
        "a.docx",
        lambda: document(
            '<w:p><w:r><w:instrText> DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc"</w:instrText></w:r></w:p>'
        ),
        Refusal.LIVE_LINK,
    ),
    Hostile(
        "a control",
        "a.docx",
        lambda: document(relations=relation("control", "activeX1.xml")),
        Refusal.EMBEDDED,
    ),
    Hostile("a package in a package in a package", "a.docx", nested, Refusal.EMBEDDED),
    Hostile("a bomb in a package", "a.docx", bomb_within, Refusal.TOO_COMPLEX),
    Hostile(
        "a zip in a presentation",
        "a.pptx",
        lambda: presentation({"ppt/media/a.png": b"PK\x03\x04 junk"}),
        Refusal.EMBEDDED,
    ),
    Hostile("a workbook renamed to a document", "a.docx", workbook, Refusal.WRONG_KIND),
    Hostile(
        "a script in a PDF",
        "a.pdf",
        lambda: pdf("/OpenAction << /S /JavaScript /JS (x) >>"),
        Refusal.ACTIVE_PDF,
    ),
    Hostile(
        "a hidden script in a PDF",
        "a.pdf",
        lambda: pdf("/OpenAction << /S /Java#53cript >>"),
        Refusal.ACTIVE_PDF,
    ),
    Hostile(
        "a packed script in a PDF",
        "a.pdf",
        lambda: pdf_with_packed(b"1 0 << /S /JavaScript /JS (x) >>"),
        Refusal.ACTIVE_PDF,
    ),
    Hostile(
        "a program started by a PDF",
        "a.pdf",
        lambda: pdf("/AA << /O << /S /Launch /F (x) >> >>"),
        Refusal.ACTIVE_PDF,
    ),
    Hostile(
        "a file in a PDF",
        "a.pdf",
        lambda: pdf("/Names << /EF 3 0 R >> /Type /EmbeddedFile"),
        Refusal.ACTIVE_PDF,
    ),
    Hostile("an encrypted PDF", "a.pdf", lambda: pdf("/Encrypt 2 0 R"), Refusal.ENCRYPTED),
    Hostile("a bomb in a PDF", "a.pdf", packed_bomb, Refusal.INFLATES_TOO_FAR),
    Hostile("a program renamed", "a.pdf", lambda: b"MZ\x90\0", Refusal.WRONG_KIND),
    Hostile("a page", "a.html", lambda: b"<script>alert(1)</script>", Refusal.NOT_ACCEPTED),
    Hostile("a picture that is none", "a.png", lambda: b"<svg onload='x'/>", Refusal.WRONG_KIND),
)
"""What comes as evidence only."""

WORDINGS: Final = (
    Hostile("pages in a circle", "a.pdf", pages_in_a_circle, Refusal.DAMAGED),
    Hostile("a page that unpacks without end", "a.pdf", endless_page, Refusal.INFLATES_TOO_FAR),
    Hostile("pages without number", "a.pdf", endless_pages, Refusal.TOO_MANY_PARTS),
    Hostile("pictures of pages", "a.pdf", lambda: pdf_of("", ""), Refusal.NOT_TEXT),
    Hostile("a document as deep as no program writes it", "a.docx", deep_document, Refusal.DAMAGED),
    Hostile("a document without a word", "a.docx", lambda: word_of(""), Refusal.NOT_TEXT),
)
"""What is kept as evidence as it is, but out of which no wording is read: its own reader refuses it."""
