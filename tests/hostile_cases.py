"""What each hostile host does, and what must become of it: the yardstick of the crawl's guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.hostile import PATH, feed_of, in_turn, say
from tests.hostile_ways import (
    FULL,
    GARBAGE,
    cut_chunk,
    drip,
    drip_headers,
    endless,
    endless_headers,
    endless_robots,
    forbid,
    hang,
    hang_in_body,
    hang_in_headers,
    hops,
    junk,
    long_header,
    many_headers,
    packed,
    refresh,
    reset_after,
    reset_at_once,
    to,
)
from tests.packing import CODECS, bomb, cut, pack
from tests.walls import WALLS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.hostile import HostileSite, Wire

TIMEOUT = 3.0  # seconds; shortened for these tests
SLACK = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One host: what it does where, and the outcome of its one story.

    `reason` is what link or source must say (None: all is well), `pages` how many bodies are
    stored, `seconds` the longest that any of its connections may last, `asks` how often the
    spoiled address is asked for in the round.
    """

    row: str
    serve: Callable[[Wire], Awaitable[None]]
    reason: str | None
    pages: int = 0
    seconds: float = TIMEOUT + SLACK
    asks: int | None = None
    at: Literal["page", "feed", "robots"] = "page"
    marks: tuple[str, ...] = ()


def build(site: HostileSite, name: str, case: Case) -> None:
    """Set a case's host up: a feed with one story, one address of which is spoiled."""
    host = f"{name}.test"
    site.feed(host, PATH)
    site.set(host, PATH, say(FULL))
    spoiled = {"page": PATH, "feed": "/feed/", "robots": "/robots.txt"}[case.at]
    site.set(host, spoiled, case.serve)


MAGIC = {
    "pdf": b"%PDF-1.7\n", "zip": b"PK\x03\x04\x14\x00", "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF", "gif": b"GIF89a", "webp": b"RIFF\x00\x10\x00\x00WEBP",
    "gz": b"\x1f\x8b\x08\x00", "mp4": b"\x00\x00\x00\x18ftypmp42", "mp3": b"ID3\x03\x00",
    "ogg": b"OggS\x00\x02", "rar": b"Rar!\x1a\x07\x00", "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "elf": b"\x7fELF\x02\x01", "exe": b"MZ\x90\x00\x03\x00", "7z": b"7z\xbc\xaf\x27\x1c",
    "woff": b"wOF2\x00\x01", "ico": b"\x00\x00\x01\x00\x01\x00", "webm": b"\x1a\x45\xdf\xa3",
}  # fmt: skip

CASES: dict[str, Case] = {
    "baik": Case(row="-", serve=say(FULL), reason=None, pages=1, asks=1),
    "diam": Case(row="N01", serve=hang, reason="timeout"),
    "diam-umpan": Case(row="N01", serve=hang, reason="timeout", at="feed"),
    "setengah-kepala": Case(row="N02", serve=hang_in_headers, reason="timeout"),
    "setengah-badan": Case(row="N02", serve=hang_in_body, reason="timeout"),
    "tetes": Case(row="N03", serve=drip, reason="timeout"),
    "tetes-kepala": Case(row="N03", serve=drip_headers, reason="timeout"),
    "tanpa-akhir": Case(row="N04", serve=endless, reason="too_large"),
    "tanpa-akhir-umpan": Case(row="N04", serve=endless, reason="too_large", at="feed"),
    "putus-awal": Case(row="N05", serve=reset_at_once, reason="connection_lost"),
    "putus-tengah": Case(row="N05", serve=reset_after(len(FULL)), reason="truncated_body", asks=2),
    "putus-tanpa-panjang": Case(row="N05", serve=reset_after(-1), reason="truncated_body", asks=2),
    "putus-potongan": Case(row="N05", serve=cut_chunk, reason="truncated_body", asks=2),
    "putus-sekali": Case(
        row="N05", serve=in_turn(reset_after(len(FULL)), say(FULL)), reason=None, pages=1, asks=2
    ),
    "panjang-lebih": Case(
        row="N06", serve=say(FULL, length=len(FULL) + 999), reason="truncated_body", asks=2
    ),
    "panjang-kurang-sekali": Case(
        row="N07", serve=in_turn(say(FULL, length=3000), say(FULL)), reason=None, pages=1, asks=2
    ),
    "panjang-kurang": Case(
        row="N07", serve=say(FULL, length=3000), reason=None, pages=1, asks=2, marks=("suspect",)
    ),
    **{
        f"potong-{codec}-{percent}": Case(
            row="N08",
            serve=packed(codec, cut(pack(FULL, codec), percent)),
            reason="truncated_body",
            asks=2,
        )
        for codec in CODECS
        for percent in (10, 60, 99)
    },
    **{
        f"utuh-{codec}": Case(
            row="N08", serve=packed(codec, pack(FULL, codec)), reason=None, pages=1, asks=1
        )
        for codec in CODECS
    },
    "potong-sekali": Case(
        row="N08",
        serve=in_turn(packed("br", cut(pack(FULL, "br"), 50)), packed("br", pack(FULL, "br"))),
        reason=None, pages=1, asks=2,
    ),
    "bohong-gzip": Case(row="N09", serve=packed("gzip", FULL), reason="bad_encoding", asks=2),
    "bohong-br": Case(row="N09", serve=packed("br", GARBAGE), reason="bad_encoding", asks=2),
    "bohong-zstd": Case(row="N09", serve=packed("zstd", FULL), reason="bad_encoding", asks=2),
    "bohong-deflate": Case(row="N09", serve=packed("deflate", FULL), reason="bad_encoding", asks=2),
    "bohong-asing": Case(row="N09", serve=packed("sdch", GARBAGE), reason="bad_encoding", asks=2),
    "bohong-sekali": Case(
        row="N09", serve=in_turn(packed("gzip", FULL), say(FULL)), reason=None, pages=1, asks=2
    ),
    "bohong-huruf": Case(row="N09", serve=packed("UTF-8", FULL), reason=None, pages=1, asks=1),
    "bom-gzip": Case(row="N10", serve=packed("gzip", bomb("gzip", 1024)), reason="too_large"),
    "bom-br": Case(row="N10", serve=packed("br", bomb("br", 256)), reason="too_large"),
    "bom-zstd": Case(row="N10", serve=packed("zstd", bomb("zstd", 1024)), reason="too_large"),
    "bom-deflate": Case(row="N10", serve=packed("deflate", bomb("deflate", 64)),
                        reason="too_large"),
    "bom-bersarang": Case(
        row="N10", serve=packed("gzip, gzip", pack(bomb("gzip", 1024), "gzip")), reason="too_large"
    ),
    "bom-campur": Case(
        row="N10", serve=packed("zstd, br", pack(bomb("zstd", 1024), "br")), reason="too_large"
    ),
    "bom-umpan": Case(
        row="N10", serve=packed("br", bomb("br", 256), "text/xml"), reason="too_large", at="feed"
    ),
    "bom-peta": Case(
        row="N11", serve=say(bomb("gzip", 1024), kind="application/x-gzip"), reason="unreadable",
        at="feed",
    ),
    "bom-peta-ganda": Case(
        row="N11", serve=packed("gzip", pack(bomb("gzip", 1024), "gzip"), "application/x-gzip"),
        reason="unreadable", at="feed",
    ),
    "kepala-panjang": Case(row="N12", serve=long_header, reason="connection_lost", seconds=5),
    "kepala-banyak": Case(row="N12", serve=many_headers, reason="connection_lost", seconds=5),
    "kepala-tanpa-akhir": Case(row="N12", serve=endless_headers, reason="connection_lost",
                               seconds=5),
    "acak": Case(row="N13", serve=junk, reason="connection_lost"),
    "acak-umpan": Case(row="N13", serve=junk, reason="connection_lost", at="feed"),
    "kosong-204": Case(row="N13", serve=say(status="204 No Content"), reason="http_204"),
    "kosong-200": Case(row="N13", serve=say(b""), reason="not_html"),
    "tanpa-jenis": Case(row="N13", serve=say(FULL, kind=None), reason=None, pages=1, asks=1),
    "tanpa-jenis-acak": Case(row="N13", serve=say(GARBAGE, kind=None), reason="not_html", asks=1),
    "html-acak": Case(row="N13", serve=say(GARBAGE), reason="not_html", asks=1),
    **{
        f"bukan-{name}": Case(
            row="N14", serve=say(sign + GARBAGE[:900] + FULL), reason="not_html", asks=1
        )
        for name, sign in MAGIC.items()
    },
    "gambar-katanya": Case(
        row="N14", serve=say(FULL, kind="image/png"), reason=None, pages=1, asks=1
    ),
    "putar": Case(row="N15", serve=to(PATH), reason="redirect_loop", asks=6),
    "putar-meta": Case(row="N15", serve=refresh(PATH), reason="redirect_loop", asks=6),
    "putar-umpan": Case(row="N15", serve=to("/feed/"), reason="redirect_loop", at="feed", asks=6),
    "ke-file": Case(row="N16", serve=to("file:///etc/passwd"), reason="http_302", asks=1),
    "ke-data": Case(row="N16", serve=to("data:text/html,<html>x"), reason="http_302", asks=1),
    "ke-ftp": Case(row="N16", serve=to("ftp://127.0.0.1/x"), reason="http_302", asks=1),
    "ke-js": Case(row="N16", serve=to("javascript:alert(1)"), reason="bad_address", asks=1),
    "meta-ke-file": Case(row="N16", serve=refresh("file:///etc/passwd"), reason="blocked",
                         asks=1),
    "tunggu-429": Case(
        row="N25", serve=say(status="429 Too Many", headers={"Retry-After": "60"}),
        reason="http_429", asks=1,
    ),
    "tunggu-503": Case(row="N26", serve=say(status="503 No"), reason="http_503", asks=1),
    "robot-500": Case(row="N31", serve=say(status="500 X"), reason="robots_unreachable",
                      at="robots"),
    "robot-503": Case(
        row="N31", serve=say(FULL, status="503 X"), reason="robots_unreachable", at="robots"
    ),
    "robot-429": Case(row="N31", serve=say(status="429 X"), reason="robots_unreachable",
                      at="robots"),
    "robot-diam": Case(row="N31", serve=hang, reason="timeout", at="robots"),
    "robot-putus": Case(row="N31", serve=reset_at_once, reason="connection_lost", at="robots"),
    "robot-acak": Case(row="N31", serve=junk, reason="connection_lost", at="robots"),
    "robot-terpotong": Case(
        row="N31", serve=say(forbid(), length=9999), reason="truncated_body", at="robots"
    ),
    **{
        f"robot-{status}": Case(
            row="N32", serve=say(status=f"{status} X"), reason=None, pages=1, at="robots"
        )
        for status in (400, 401, 403, 404, 410, 418, 451)
    },
    "robot-besar": Case(
        row="N33", serve=say(forbid(b"# isi\n" * 850_000), kind="text/plain"), reason="robots",
        at="robots",
    ),
    "robot-besar-telat": Case(
        row="N33", serve=say(forbid(before=b"# isi\n" * 850_000), kind="text/plain"), reason=None,
        pages=1, at="robots",
    ),
    "robot-tanpa-akhir": Case(row="N33", serve=endless_robots, reason="robots", at="robots"),
    "robot-bom": Case(
        row="N33", serve=packed("gzip", bomb("gzip", 1024)), reason=None, pages=1, at="robots"
    ),
    "robot-bom-utf8": Case(
        row="N33", serve=say(forbid(before=b"\xef\xbb\xbf")), reason="robots", at="robots"
    ),
    "robot-html": Case(row="N33", serve=say(FULL), reason=None, pages=1, at="robots"),
    "robot-bita": Case(row="N33", serve=say(GARBAGE), reason=None, pages=1, at="robots"),
    "robot-lima-pindah": Case(row="N33", serve=hops(5, forbid()), reason="robots", at="robots"),
    "robot-banyak-pindah": Case(
        row="N33", serve=hops(9, forbid()), reason=None, pages=1, at="robots"
    ),
    "robot-baris": Case(
        row="N33", serve=say(forbid(before=b"x" * 400_000 + b"\n")), reason="robots", at="robots"
    ),
    "kue-besar": Case(
        row="N37", serve=say(FULL, headers={"Set-Cookie": "a=" + "x" * 15_000}), reason=None,
        pages=1, asks=1,
    ),
    **{
        f"dinding-{name}": Case(
            row="C21",
            serve=say(wall.body.encode(), status=wall.status, headers=wall.headers),
            reason="blocked" if wall.blocked else None,
            pages=0 if wall.blocked else 1,
            asks=1,
        )
        for name, wall in WALLS.items()
    },
    "dinding-umpan": Case(
        row="C21", serve=say(WALLS["cloudflare-moment"].body.encode()), reason="blocked", at="feed"
    ),
    "umpan-kosong": Case(row="N13", serve=say(feed_of([]), kind=None), reason=None, at="feed"),
}  # fmt: skip
