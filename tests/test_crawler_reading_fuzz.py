"""Mutated pages through the pool: cut, nested, binary, huge; none breaks it or is over its limit.

`RONDA_FUZZ` sets how many (`make fuzz`: 10,000); each mutation is made from its number alone.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from config.errors import NotAnArticle
from config.source import Source
from crawler.reading.pool import ReadingFailed, ReadingPool, prepare
from storage.records import Article, Page

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
MANY = int(os.environ.get("RONDA_FUZZ", "2000"))
SEEN = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SOURCE = Source(
    id="kabarcontoh",
    name="Kabar Contoh",
    url="https://kabarcontoh.test/",
    province="nasional",
    slot="kabarcontoh.test",
)
SCRAPS = [
    b"<",
    b">",
    b'"',
    b"'",
    b"&",
    b"\0",
    b"\xff\xfe",
    b"<!--",
    b"-->",
    b"<script>",
    b"</",
    b"&#x0;",
    b"&#1114112;",
    b"<![CDATA[",
    b"<table><tr><td>",
    b"</div></div></div>",
    b"<svg><title>",
    b"<meta charset=utf-16>",
    b"<base href='//['>",
    b"<a href='http://['>x</a>",
    b"<link rel=canonical href='http://[::1'>",
    b"<time datetime='99999999999999-99-99'>",
    b"<p>31/02/2026 99:99 WIB</p>",
    b"9" * 5000,
    "\u202e\u0000\ud7ff".encode("utf-8", "replace"),
]


def mutate(seed: int) -> bytes:
    """Make one broken page from its number."""
    chance = random.Random(seed)
    body = bytearray(chance.choice(PAGES).read_bytes())
    for _ in range(chance.randint(1, 4)):
        kind, at = chance.randrange(9), chance.randrange(len(body) + 1)
        if kind == 0:
            del body[at:]
        elif kind == 1:
            body[at:at] = chance.choice(SCRAPS)
        elif kind == 2:
            body[at : at + 20] = chance.randbytes(20)
        elif kind == 3:
            depth = chance.choice([50, 300, 3000])
            body[at:at] = b"<div>" * depth
        elif kind == 4:
            end = min(len(body), at + chance.randrange(400))
            body += body[at:end] * chance.randint(1, 30)
        elif kind == 5:
            del body[at : at + chance.randrange(200)]
        elif kind == 6:
            other = chance.choice(PAGES).read_bytes()
            body[at:at] = other[chance.randrange(len(other)) :]
        elif kind == 7:
            body = bytearray(
                bytes(body)
                .decode("utf-8", "replace")
                .encode(chance.choice(["utf-16", "cp1252", "utf-32"]), "replace")
            )
        else:
            body[at:at] = (
                b"<p "
                + b" a=b" * chance.choice([10, 2000])
                + b">"
                + b"kata " * chance.choice([5, 20_000])
            )
    return bytes(body)


def test_mutated_pages_break_nothing_and_stay_in_their_limits() -> None:
    outcomes: Counter[str] = Counter()

    async def one(pool: ReadingPool, seed: int) -> None:
        body = mutate(seed)
        url = f"https://kabarcontoh.test/berita/{seed}/rakor"
        page = Page(url=url, source="kabarcontoh", status=200, fetched_at=SEEN, final_url=url)
        try:
            article = await pool.read(body, page, SOURCE, SEEN)
        except NotAnArticle as error:
            outcomes[error.reason] += 1
        except ReadingFailed as error:
            outcomes[f"FAILED {error} seed={seed}"] += 1
        else:
            assert isinstance(article, Article)
            assert article.title
            (article.title + article.text).encode()
            outcomes["article"] += 1

    async def run() -> None:
        pool = ReadingPool(workers=2)
        await pool.start()
        try:
            for start in range(0, MANY, 100):
                await asyncio.gather(*(one(pool, n) for n in range(start, min(start + 100, MANY))))
        finally:
            await pool.close()

    prepare()
    asyncio.run(run())
    assert [name for name in outcomes if name.startswith("FAILED")] == []
    assert sum(outcomes.values()) == MANY
    assert outcomes["article"] > MANY // 3
