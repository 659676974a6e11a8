"""Bytes of a listing -> text that is fit to be parsed; refuses what would cost too much.

Everything is decided here by plain scans, before any parser sees the body: size, packing,
letters, entity declarations, number and depth of tags.
"""

from __future__ import annotations

import codecs
import re
import zlib

from config.errors import FeedUnreadable

MAX_BYTES = 2 * 1024 * 1024
MAX_TAGS = 50_000
MAX_DEPTH = 256
MAX_ATTRIBUTES = 500  # of one tag: libxml2 compares each with each (150,000: 200 s)
MAX_REFERENCES = 200_000  # "&" in a feed: feedparser's second parser is slow at them
GZIP = b"\x1f\x8b"

DECLARED = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?([A-Za-z0-9._-]{2,40})")
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"),
         (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
WIDE = {
    b"\1\0\0\0": "utf-32-le", b"\0\0\0\1": "utf-32-be",
    b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be",
}  # fmt: skip
NARROW = ("iso8859", "cp125", "koi8", "gb", "big5", "shift_jis", "euc")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
# An internal subset or any declaration: the door to entity bombs and to files.
ENTITIES = re.compile(r"<!\s*(?:ENTITY|ATTLIST|ELEMENT|NOTATION)|<!DOCTYPE[^<>\[]*\[", re.I)
DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*>", re.I)
DECLARATION = re.compile(r"^<\?xml\b[^<>]*\?>", re.I)
TAG = re.compile(r"<(/?)([A-Za-z][^\s<>/]*)([^<>]*)")
# HTML elements that need no end; libxml2 closes them itself.
LOOSE = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr", "p", "li", "td", "th", "tr", "dt", "dd", "option", "thead",
    "tbody", "tfoot",
})  # fmt: skip


def open_body(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Unpack a gzipped body within bounds; raises FeedUnreadable over 2 MiB."""
    if len(body) > MAX_BYTES:
        raise FeedUnreadable("listing larger than 2 MiB")
    if not body.startswith(GZIP):
        return body, ()
    opened = b""
    cut = False
    try:
        while body.startswith(GZIP):
            member = zlib.decompressobj(wbits=31)
            opened += member.decompress(body, MAX_BYTES + 1 - len(opened))
            if len(opened) > MAX_BYTES:
                raise FeedUnreadable("listing larger than 2 MiB when unpacked")
            cut = not member.eof
            body = member.unused_data
    except zlib.error as error:
        raise FeedUnreadable("damaged gzip") from error
    return opened, ("gzip stream cut short",) if cut else ()


def read_text(body: bytes) -> str:
    """Decode a body to text without control characters; raises FeedUnreadable where empty."""
    text = UNPRINTABLE.sub("", _decode(body)).strip()
    if not text:
        raise FeedUnreadable("empty answer")
    return text


def fit_for_xml(text: str) -> bytes:
    """Give text as UTF-8 without declaration and DOCTYPE; raises where it declares entities."""
    if ENTITIES.search(text):
        raise FeedUnreadable("declares an entity or a document type of its own")
    refuse_crowds(text)
    return DOCTYPE.sub("", DECLARATION.sub("", text, count=1), count=1).lstrip().encode()


def refuse_crowds(text: str, *, html: bool = False) -> None:
    """Refuse a text with more than 50,000 tags, one too rich, or nested deeper than 256."""
    if text.count("<") - text.count("</") > MAX_TAGS or text.count("<") > 2 * MAX_TAGS:
        raise FeedUnreadable("more than 50000 tags")
    if not html and text.count("&") > MAX_REFERENCES:
        raise FeedUnreadable("more than 200000 references")
    depth = 0
    for found in TAG.finditer(_without_islands(text)):
        end, name, rest = found.groups()
        if rest.count("=") > MAX_ATTRIBUTES:
            raise FeedUnreadable("a tag of more than 500 attributes")
        if html and name.lower() in LOOSE:
            continue
        if end:
            depth = max(0, depth - 1)
        elif not rest.endswith("/"):
            depth += 1
            if depth > MAX_DEPTH:
                raise FeedUnreadable("nested more than 256 deep")


def _without_islands(text: str) -> str:
    kept = []
    at = 0
    while (start := min(_find(text, "<![CDATA[", at), _find(text, "<!--", at))) < len(text):
        close = "]]>" if text.startswith("<![", start) else "-->"
        kept.append(text[at:start])
        at = _find(text, close, start) + 3
    kept.append(text[at:])
    return "".join(kept)


def _find(text: str, what: str, at: int) -> int:
    found = text.find(what, at)
    return len(text) if found < 0 else found


def _decode(body: bytes) -> str:
    for mark, codec in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    wide = WIDE.get(bytes(byte > 0 for byte in body[:4]))
    if wide:
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if sum(letter > "\x7f" for letter in text) - bad > bad:
        return text  # UTF-8 with a few stray bytes
    return body.decode(_declared(body), "replace")


def _declared(body: bytes) -> str:
    found = DECLARED.search(body, 0, 2048)
    if found:
        try:
            codec = codecs.lookup(found[1].decode()).name
        except LookupError:
            return "cp1252"
        if codec.startswith(NARROW) and codec != "iso8859-1":
            return codec
    return "cp1252"
