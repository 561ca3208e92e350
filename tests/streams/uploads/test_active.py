"""What type guessers miss: files that are two things at once, and files that act."""

import io
import zipfile
import zlib

import pytest
from PIL import Image

from infra.settings import LimitSettings
from schemas.errors import InvalidUpload, UnsupportedType
from streams.uploads.active import active
from streams.uploads.checks import check_image
from streams.uploads.formats import sniff


def picture(form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((32, 32), 60).convert("RGB").save(buffer, form, **options)
    return buffer.getvalue()


def packed(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return buffer.getvalue()


def pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n" + body + b"\n%%EOF"


PHP = b"<?php system($_GET['c']); ?>"
ARCHIVE = packed(a_dot_txt=b"hello")
SVG = '<svg xmlns="http://www.w3.org/2000/svg">%s</svg>'
EXTERNAL = (
    b'<Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://example.com/t.dotm" TargetMode="External"/>'
)

HIDDEN = [
    picture("JPEG", comment=PHP),  # PHP in a comment
    picture("JPEG") + PHP,  # behind the end
    picture("JPEG") + ARCHIVE,  # a picture that is an archive, too
    picture("PNG") + pdf(b"1 0 obj"),
    picture("GIF", comment=b"<script>alert(1)</script>"),
    b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)//",  # a script whose comment is the picture
    picture("JPEG")[:4] + b"\x2f\x2a" + bytes(0x2F2A - 2) + picture("JPEG")[20:] + b"*/=alert(1)",
    picture("WEBP") + b"MZ" + bytes(64) + b"This program cannot be run in DOS mode",
    picture("BMP") + b"\x7fELF\x02\x01\x01" + bytes(64),
    picture("PNG") + b"<?=system('id')?>",
]


@pytest.mark.parametrize("data", HIDDEN)
def test_a_picture_that_is_something_besides_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidUpload, match="in it"):
        check_image(data, None, "photo", LimitSettings())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_plain_picture_is_taken(form: str) -> None:
    assert check_image(picture(form), None, "photo", LimitSettings()).data


ACTIVE = [
    ((SVG % "<script>alert(1)</script>").encode(), "script"),
    ((SVG % '<rect onload="alert(1)"/>').encode(), "script"),
    ((SVG % '<a href=" javascript:alert(1)">x</a>').encode("utf-16"), "script"),
    (('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG % "&x;").encode(), "script"),
    ((SVG % '<image xlink:href="https://example.com/x.png"/>').encode(), "elsewhere"),
    (packed(word__document_dot_xml=b"<w/>", word__vbaProject_dot_bin=b"x"), "macros"),
    (packed(xl__macrosheets__sheet1_dot_xml=b"<x/>"), "macros"),
    (packed(word___rels__settings_dot_xml_dot_rels=EXTERNAL), "template"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "_VBA_PROJECT".encode("utf-16-le"), "macros"),
    (pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"), "action"),
    (pdf(b"<< /S /J#61vaScript >>"), "JavaScript"),  # the name is escaped
    (pdf(b"<< /Filter /FlateDecode >> stream\n" + zlib.compress(b"<< /S /Launch /F (calc) >>")), "Launch"),
    (packed(a_dot_zip=ARCHIVE), "archive in an archive"),
    (packed(notes_dot_txt=ARCHIVE), "archive in an archive"),  # whatever its name says
    (packed(setup_dot_txt=b"\x7fELF" + bytes(60)), "program"),
    (packed(bomb=bytes(64 * 2**20)), "unfolded"),
    (b"MZ" + bytes(64), "program"),
]


@pytest.mark.parametrize(("data", "said"), ACTIVE)
def test_a_file_that_acts_is_named(data: bytes, said: str) -> None:
    assert said in active(data, sniff(data))
    with pytest.raises(InvalidUpload, match="not taken in any form"):
        check_image(data, None, "file", LimitSettings())


QUIET = [
    (SVG % '<rect width="3" height="4" fill="red"/>').encode(),
    packed(word__document_dot_xml=b"<w:document/>"),
    pdf(b"<< /Type /Catalog /Pages 2 0 R >>"),
    pdf(b"<< /Filter /FlateDecode >> stream\nnot folded at all"),
    b"PK\x03\x04" + bytes(64),  # no archive after all
    b"plain words",
]


@pytest.mark.parametrize("data", QUIET)
def test_a_quiet_file_is_only_not_read_here(data: bytes) -> None:
    assert active(data, sniff(data)) == ""
    with pytest.raises(UnsupportedType):
        check_image(data, None, "file", LimitSettings())
