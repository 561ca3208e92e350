"""What a file could do if somebody opened or served it: code in pictures, scripts, macros, archives in archives.

A type guesser sees how a file begins; these look at what else it is. Nothing is run, all that is unfolded is bounded,
and every pattern runs in linear time. Each check says in a few words what it found, or nothing.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator

import re2

from streams.uploads.formats import sniff

UNFOLDED = 16 * 2**20
ENTRIES = 10_000
RATIO = 200
_LOOKED_AT = 64

_LATIN = re2.Options()
_LATIN.encoding = re2.Options.Encoding.LATIN1
_CODE = re2.compile(
    rb"(?i)<\?php\s|<script[\s>/]|<\?=\s{0,2}(?:\$_(?:get|post|request|cookie)|(?:system|eval|exec|passthru|assert)\()"
    rb"|<%@?\s{0,4}(?:page|eval|execute|import)|javascript:[a-z(]",
    _LATIN,
)
_FILES = re2.compile(
    rb"PK\x03\x04[\x0a\x14\x2d]\x00|%PDF-[12]\.|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    rb"|\x7fELF[\x01\x02][\x01\x02]\x01|This program cannot be run in DOS mode",
    _LATIN,
)
"""How other files begin, each in six bytes or more, which pixels do not spell by chance."""
_SCRIPTED = re2.compile(
    rb"(?i)<script[\s>/]|[\s\"'/]on[a-z]{3,24}\s{0,4}=|javascript:|vbscript:|data:text/html|<foreignobject|<iframe|<embed"
    rb"|<object|<!entity|<handler|<set[^>]{0,200}xlink:href|(?:xlink:)?href\s{0,4}=\s{0,4}[\"']\s{0,4}(?:https?:)?//",
    _LATIN,
)
_PDF_ACTS = re2.compile(
    rb"/(?:JavaScript|JS|OpenAction|AA|Launch|EmbeddedFile|XFA|RichMedia|ImportData|SubmitForm)[^A-Za-z]", _LATIN
)
_PDF_ESCAPE = re2.compile(rb"#([0-9A-Fa-f]{2})", _LATIN)
_PDF_STREAM = re2.compile(rb"stream\r?\n", _LATIN)
_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "activex/", "scripts/python/", "basic/")
_ARCHIVES = frozenset(
    {
        "application/zip",
        "application/gzip",
        "application/x-7z-compressed",
        "application/vnd.rar",
        "application/x-ole-storage",
    }
)
_PROGRAMS = frozenset({"application/vnd.microsoft.portable-executable", "application/x-elf"})


def active(data: bytes, media_type: str) -> str:
    """What is active in a file of this type by content, as in ``a script``; empty where nothing is."""
    if media_type in _PROGRAMS:
        return "a program"
    if media_type in ("image/svg+xml", "text/html"):
        return "a script or a link to elsewhere" if _SCRIPTED.search(_plain(data)) else ""
    check = _CHECKS.get(media_type)
    return check(data) if check else ""


def hidden(data: bytes) -> str:
    """What a picture is besides."""
    if data[:6] in (b"GIF87a", b"GIF89a") and data[6:8] in (b"/*", b"=/"):
        return "a script that its header begins"
    if data[:4] == b"\xff\xd8\xff\xe0" and data[4:6] == b"/*":
        return "a script that its header begins"
    if _CODE.search(data):
        return "code"
    return "another file" if _FILES.search(data) else ""


def _plain(data: bytes) -> bytes:
    """Text as UTF-8 without NULs, so that UTF-16 hides nothing."""
    return data.replace(b"\0", b"")


def _pdf(data: bytes) -> str:
    for part in (data, *_unfolded(data)):
        name = _PDF_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), part)
        if found := _PDF_ACTS.search(name):
            return f"an action ({found[0][:-1].decode('ascii', 'replace')})"
    return ""


def _unfolded(data: bytes) -> Iterator[bytes]:
    """The streams that unfold, up to a bound in all."""
    left = UNFOLDED
    for mark in _PDF_STREAM.finditer(data):
        try:
            part = zlib.decompressobj().decompress(data[mark.end() : mark.end() + UNFOLDED], left)
        except zlib.error:
            continue
        left -= len(part)
        yield part
        if left <= 0:
            return


def _zip(data: bytes) -> str:
    """Office files, too: they are archives."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _entries(archive, len(data))
    except zipfile.BadZipFile:
        return ""
    except (NotImplementedError, OSError, ValueError, RuntimeError, EOFError, zlib.error):
        return "entries that cannot be looked into"


def _entries(archive: zipfile.ZipFile, size: int) -> str:
    entries = archive.infolist()
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > max(UNFOLDED, RATIO * size):
        return "more than may be unfolded"
    names = [entry.filename.lower() for entry in entries]
    if any(mark in name for name in names for mark in _MACROS):
        return "macros"
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
        return "a path that leads out of it"
    for entry in entries:
        if inside := _inside(archive, entry):
            return inside
    return ""


def _inside(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    with archive.open(entry) as file:
        if entry.filename.lower().endswith(".rels"):
            return "a template from elsewhere" if _external(file.read(UNFOLDED)) else ""
        head = file.read(_LOOKED_AT)
    kind = sniff(head)
    if kind in _ARCHIVES:
        return "an archive in an archive"
    return "a program" if kind in _PROGRAMS else ""


def _external(relations: bytes) -> bool:
    return b'TargetMode="External"' in relations and any(
        mark in relations for mark in (b"/attachedTemplate", b"/oleObject", b"/frame", b"/externalLink")
    )


def _ole(data: bytes) -> str:
    """The older Office files: names in them are UTF-16."""
    marks = ("_VBA_PROJECT", "VBA", "Macros", "Equation Native", "ObjectPool")
    return "macros or objects" if any(mark.encode("utf-16-le") in data for mark in marks) else ""


_CHECKS: dict[str, Callable[[bytes], str]] = {
    "application/pdf": _pdf,
    "application/zip": _zip,
    "application/x-ole-storage": _ole,
}
