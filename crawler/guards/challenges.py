"""An answer that is a wall and no page: a challenge, a consent or login wall, a script shell.

We never pose as a browser and never try to get past one. A challenge is the host's word that we
are not wanted now: it is left alone for a while. A wall is that page's alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from crawler.reasons import Refused
from crawler.seam import work_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

Wall = Literal["challenge", "wall"]
LOOKED_AT = 256 * 1024  # bytes of a body
FEW = 400  # letters of text; a page with more is no wall, whatever it says
FEWEST = 60  # letters; with less, a page made by scripts shows nothing

SIGN_HEADERS = (("cf-mitigated", "challenge"), ("x-amzn-waf-action", ""), ("x-sucuri-block", ""))
CHALLENGE_TITLE = re.compile(
    rb"""^(?:
        just\ a\ moment | tunggu\ sebentar | one\ moment,\ please | please\ wait
        | attention\ required!\ \|\ cloudflare | access\ denied.*cloudflare
        | ddos-guard | sucuri\ website\ firewall | you\ are\ being\ redirected
        | bot\ verification | human\ verification | robot\ check | are\ you\ (?:a\ )?human
        | verif(?:y|ikasi)\ (?:you|bahwa)\b | checking\ your\ browser | security\ check
    )""",
    re.IGNORECASE | re.VERBOSE,
)
CHALLENGE_SIGN = re.compile(
    rb"""_cf_chl_opt | /cdn-cgi/challenge-platform/h/ | cf-browser-verification
        | sucuri_cloudproxy_js | /_Incapsula_Resource | awswaf\.com/[^"']*challenge
        | slowAES\.decrypt | class=["']?(?:h-captcha|g-recaptcha|cf-turnstile)
    """,
    re.IGNORECASE | re.VERBOSE,
)
SCRIPTED = re.compile(
    rb"""<div[^>]{0,80}\bid=["']?(?:root|app|__next|__nuxt|q-app|svelte|gatsby)["'\s>/]
        | <app-root | __NEXT_DATA__ | __NUXT__
        | (?:window|document|self|top)?\.?location(?:\.href|\.replace|\.assign)?\s*[=(]
    """,
    re.IGNORECASE | re.VERBOSE,
)
REFRESH = re.compile(rb"<meta[^>]{0,80}http-equiv=[\"']?refresh[^>]{0,80}url=", re.IGNORECASE)
PASSWORD = re.compile(rb"<input[^>]{0,200}type=[\"']?password", re.IGNORECASE)
LOGIN_TITLE = re.compile(rb"^(?:log\s?-?in|sign\s?in|masuk)\b", re.IGNORECASE)
CONSENT = re.compile(
    rb"(?:setuju|accept|terima|consent|agree)[^<]{0,80}(?:cookie|privasi|lanjut|continue)"
    rb"|(?:cookie|privasi|privacy)[^<]{0,200}(?:setuju|accept|terima|consent|agree)",
    re.IGNORECASE,
)
BUTTON = re.compile(rb"<button|type=[\"']?submit", re.IGNORECASE)
TITLE = re.compile(rb"<title[^>]*>\s*([^<]{0,200})", re.IGNORECASE)
NO_TEXT = re.compile(
    rb"<(script|style|noscript|template|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
TEXT_IN_DATA = re.compile(rb"[\"']articleBody[\"']\s*:\s*[\"']\s*[^\"'\s]", re.IGNORECASE)


class ChallengeGuard:
    """The middleware at 570, which sees answers unpacked."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Refuse a wall as "blocked"; a host that challenges us is left alone."""
        headers = {
            name.decode("latin-1").lower(): b",".join(values).decode("latin-1").lower()
            for name, values in response.headers.items()
        }
        wall = find_wall(response.body, headers, response.status)
        if wall is None or (wall == "wall" and "dont_obey_robotstxt" in request.meta):
            return response
        if wall == "challenge":
            work_of(self.crawler).hosts.challenged(response.url, datetime.now(UTC))
        raise Refused("blocked")


def find_wall(body: bytes, headers: dict[str, str], status: int) -> Wall | None:
    """Say what kind of wall an answer is, None for a page or anything else.

    Header names and values are in small letters.
    """
    if any(name in headers and value in headers[name] for name, value in SIGN_HEADERS):
        return "challenge"
    head = body[:2048].lstrip().lower()
    if status not in (200, 202, 401, 403, 429, 503) or not head.startswith(b"<"):
        return None
    if head.startswith((b"<?xml", b"<rss", b"<feed", b"<urlset", b"<sitemapindex")):
        return None
    return _judge_page(body[:LOOKED_AT], status)


def _judge_page(page: bytes, status: int) -> Wall | None:
    found = TITLE.search(page)
    title = found[1].strip() if found else b""
    letters = len(b" ".join(NO_TEXT.sub(b" ", page).split()))
    if letters > FEW:
        return None
    if CHALLENGE_TITLE.search(title) or CHALLENGE_SIGN.search(page):
        return "challenge"
    if status != 200:
        return None
    if PASSWORD.search(page) and (LOGIN_TITLE.search(title) or letters < FEW // 2):
        return "wall"
    if BUTTON.search(page) and CONSENT.search(page):
        return "wall"
    scripted = SCRIPTED.search(page) or REFRESH.search(page)
    if scripted and letters < FEWEST and not TEXT_IN_DATA.search(page):
        return "wall"
    return None
