"""CPU per page of our reader beside plain trafilatura, on the same pages in one run.

Pages: the miniature ones of `tests/pages` and those of the sample web; `python
tests/bench/reading.py` prints the lines alone.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from trafilatura import extract

from config.errors import NotAnArticle
from config.source import Source
from crawler.reading.article import read_article
from monitors.demo.pages import Pages
from monitors.demo.web import SampleWeb
from storage.records import Page

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
PAGES = Path(__file__).resolve().parents[1] / "pages"
SAMPLES = 3  # pages of each site of the sample web
TIMES = 3  # the least of so many is a page's cost
GOAL = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Median CPU milliseconds per page, and the median of the pages' ratios."""

    pages: int
    ours: float
    plain: float
    ratio: float


def measure_reading() -> dict[str, Cost]:
    """Read every page both ways, in turns; gives the cost by set."""
    return {"sample web": _measure(_sample_pages()), "miniature": _measure(_miniature_pages())}


def reading_lines(costs: dict[str, Cost]) -> list[str]:
    """Give the lines that a person reads."""
    return [
        f"reading {cost.pages} {name} pages, CPU ms per page: {cost.ours:.1f}, plain trafilatura"
        f" {cost.plain:.1f}, median ratio {cost.ratio:.2f} (goal <= {GOAL})"
        for name, cost in costs.items()
    ]


def _measure(pages: list[tuple[str, bytes]]) -> Cost:
    costs: list[list[tuple[float, float]]] = [[] for _ in pages]
    for _ in range(TIMES):  # page after page, as in life: no cache holds the whole set
        for page, cost in zip(pages, costs, strict=True):
            cost.append((_spent(_read, *page), _spent(_plain, *page)))
    rows = [(min(a for a, _ in cost), min(b for _, b in cost)) for cost in costs]
    return Cost(
        pages=len(rows),
        ours=1000 * median(ours for ours, _ in rows),
        plain=1000 * median(plain for _, plain in rows),
        ratio=median(ours / plain for ours, plain in rows),
    )


def _miniature_pages() -> list[tuple[str, bytes]]:
    return [
        (f"https://contoh.test/berita/{path.stem}", path.read_bytes())
        for path in sorted(PAGES.rglob("*.html"))
    ]


def _sample_pages() -> list[tuple[str, bytes]]:
    web = SampleWeb(now=NOW, port=80, articles=SAMPLES)
    pages = Pages(web)
    return [
        (article.url, pages.article(site, article, None, amp=False).encode())
        for site in web.sites.values()
        for article in web.articles_of(site.id)[:SAMPLES]
    ]


def _spent(how: Callable[[str, bytes], None], url: str, body: bytes) -> float:
    began = time.process_time()
    how(url, body)
    return max(time.process_time() - began, 1e-6)


def _read(url: str, body: bytes) -> None:
    host = url.split("/")[2]
    source = Source(id="contoh", name=host, url=f"http://{host}/", province="nasional", slot=host)
    page = Page(url=url, source="contoh", status=200, fetched_at=NOW, final_url=url, body=body)
    try:
        read_article(body, page, source, now=NOW)
    except NotAnArticle:
        return


def _plain(_: str, body: bytes) -> None:
    extract(body)


if __name__ == "__main__":
    sys.stdout.write("\n".join(reading_lines(measure_reading())) + "\n")
