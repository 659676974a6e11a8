"""Bytes of a page -> text: the declared charset where it holds, repaired where it nearly holds.

A wrong guess costs every quotation mark; a stray byte must not throw the declaration away.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

HEAD = 4096  # bytes in which a page names its charset
NEARLY = 0.001  # a declaration holds when at most this share of the bytes contradicts it
META = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)
XML = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""")
HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BROWSER_NAMES = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252"}


def decode_page(body: bytes, content_type: str | None = None) -> str:
    """Turn a page's bytes into text; never raises, NUL is left out."""
    return _decode(body, content_type).replace("\0", "")


def _decode(body: bytes, content_type: str | None) -> str:
    for bom, name in BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name + _order(bom), "replace")
    if wide := _wide(body):
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")  # text that is no UTF-8 is never taken for it by chance
    except UnicodeDecodeError:
        pass
    declared = _declared(body, content_type)
    if declared not in (None, "utf-8") and (text := _nearly(body, declared)) is not None:
        return text
    text = body.decode("utf-8", "ronda-stray")
    if text.count("\ufffd") <= max(2, len(body) * NEARLY) or declared == "utf-8":
        return text.replace("\ufffd", "")
    guess = from_bytes(body[:50_000]).best()
    return body.decode(guess.encoding if guess else "cp1252", "replace")


def _order(bom: bytes) -> str:
    if len(bom) == 3:
        return ""
    return "-le" if bom[0] == 0xFF else "-be"


def _wide(body: bytes) -> str | None:
    """Name UTF-16 without a mark: half of the bytes of its markup are NUL."""
    head = body[:400]
    if len(head) < 40 or head.count(0) < len(head) * 0.3:
        return None
    return "utf-16-be" if head[0] == 0 else "utf-16-le"


def _declared(body: bytes, content_type: str | None) -> str | None:
    found = HEADER.search(content_type or "")
    names = [found.group(1)] if found else []
    names += [m.group(1).decode() for m in (META.search(body[:HEAD]), XML.match(body[:200])) if m]
    for name in names:
        try:
            known = codecs.lookup(name).name
        except LookupError:
            continue
        if not known.startswith(("utf-16", "utf-32")):  # markup that could be searched is neither
            return BROWSER_NAMES.get(known, known)
    return None


def _nearly(body: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        text = body.decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return None  # base64, idna and the like are codecs too
    if not isinstance(text, str) or text.count("\ufffd") > max(2, len(body) * NEARLY):
        return None
    return text.replace("\ufffd", "")


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Read stray bytes as Windows does: pages said to be UTF-8 hold pasted cp1252 quotes."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if any(byte >= 0xFE for byte in bad):
        return "\ufffd", error.end
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("ronda-stray", _stray)
