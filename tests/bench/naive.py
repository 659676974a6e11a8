"""The measure's other side: what one would write in an afternoon, Scrapy with its usual settings.

Front page and feed of each site, every link that looks like an article, trafilatura, a regular
expression, a JSON line per article. It keeps no state: each run fetches everything again.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import scrapy
import trafilatura

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response

WORDS = re.compile(
    r"\b(?:KPK|Komisi Pemberantasan Korupsi|Korsup|MCS?P|Monitoring Cent(?:er|re)|"
    r"Survei Penilaian Integritas|SPI)\b.*?\b(?:rapat koordinasi|rakor|koordinasi|pencegahan|"
    r"capaian|skor|nilai)\b",
    re.IGNORECASE | re.DOTALL,
)


class NaiveSpider(scrapy.Spider):
    """`-a sites=FILE`: a line per site, its address and, after a blank, its feed's."""

    name = "naive"

    def __init__(self, sites: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with open(sites) as file:  # noqa: PTH123  # as one would write it
            self.start_urls = file.read().split()

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Follow what looks like an article: a slug of four words or more on the same host."""
        links = response.xpath("//a/@href").getall() + response.xpath("//item/link/text()").getall()
        for link in links:
            url = response.urljoin(link.strip()).partition("#")[0]
            parts = urlsplit(url)
            slug = parts.path.rstrip("/").rpartition("/")[2]
            if parts.netloc == urlsplit(response.url).netloc and slug.count("-") >= 3:
                yield response.follow(url, self.parse_article)

    def parse_article(self, response: Response) -> Iterator[dict[str, Any]]:
        """Read an article and say whether it meets the words."""
        found = trafilatura.extract(
            response.text, url=response.url, output_format="json", with_metadata=True
        )
        if found:
            article = json.loads(found)
            text = f"{article['title']}\n{article['text']}"
            yield {
                "url": response.url,
                "title": article["title"],
                "date": article["date"],
                "text": article["text"],
                "matched": bool(WORDS.search(text)),
            }
