"""What a page is: article, photo, video, live blog; or no article at all, and why.

An index page is never an article; a page that only says "not found" or "log in" is none either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .blocks import is_linked_heading, is_prose
from .urls import has_identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import Kind

    from .document import Block, Document
    from .teller import Body

PHOTO_PATH = re.compile(
    r"/(?:foto|photos?|read-?foto|galeri|gallery|galeri-?foto|potret|foto-?news|photo-?story)(?=[/-]|$)"
)
VIDEO_PATH = re.compile(r"/(?:video|videos|tv|watch|live-?streaming)(?=[/-]|$)")
PHOTO_TITLE = re.compile(r"^\W*(?:foto|photo|galeri foto|potret)\b\s*[:|\]\-–]", re.IGNORECASE)
VIDEO_TITLE = re.compile(r"^\W*(?:video|tonton)\b\s*[:|\]\-–]", re.IGNORECASE)
LOST = re.compile(
    r"(?:halaman|laman|artikel|berita|konten|page|data)\b.{0,30}\b(?:tidak|tak|not)\s+(?:di)?(?:temukan|tersedia|ada|found|available)"
    r"|\b404\b|\bnot\s+found\b|^\W*(?:oops|ups|uups)\b|sudah\s+(?:dihapus|tidak\s+tersedia)",
    re.IGNORECASE,
)
LOGIN = re.compile(r"\b(?:log\s?in|masuk|sign\s?in|daftar|register)\b", re.IGNORECASE)
LOGIN_PATH = re.compile(
    r"/(?:login|signin|sign-in|masuk|auth|sso|accounts?|wp-login\.php)(?:[/?.]|$)"
)
BLOCKED = re.compile(
    r"^\W*(?:just a moment|attention required|access denied|akses ditolak|403 forbidden"
    r"|error 10\d\d|are you (?:a )?human|checking your browser|suspended|account suspended"
    r"|service unavailable|502 bad gateway)",
    re.IGNORECASE,
)
STORY = 600  # letters of prose that no error or login page has
TEASERS = 4  # linked headings that make an index


def find_kind(document: Document, url: str, title: str) -> Kind:
    """Tell photo, video and live pages from articles."""
    types = document.story.get("@type", "")
    names = " ".join(types if isinstance(types, list) else [str(types)]).lower()
    told = (document.meta("og:type") or "").lower()
    path = urlsplit(url).path.lower()
    if "liveblog" in names:
        return "live"
    if "video" in told or VIDEO_TITLE.search(title) or VIDEO_PATH.search(path):
        return "video"
    if "imagegallery" in names or PHOTO_TITLE.search(title) or PHOTO_PATH.search(path):
        return "photo"
    return "article"


def refuse_by_sight(document: Document, url: str, title: str) -> str | None:
    """Name what a page is that holds no story, before its text is read."""
    path = urlsplit(url)
    if path.path.strip("/") in ("", "index.php", "index.html", "home") and not has_identity(
        path.query
    ):
        return "index"
    prose = sum(len(b.text) for b in document.blocks if is_prose(b))
    if BLOCKED.search(title) and prose < STORY:
        return "blocked"
    secret = any(i.get("type") == "password" for i in document.tree.iter("input"))
    if LOGIN_PATH.search(path.path.lower()) or (secret and prose < STORY and LOGIN.search(title)):
        return "login"
    if prose < STORY and (LOST.search(title) or _only_says_lost(document.blocks)):
        return "soft_404"
    return None


def _only_says_lost(blocks: Sequence[Block]) -> bool:
    told = [b.text for b in blocks if b.linked * 2 < len(b.text) and len(b.text) > 20]
    return any(LOST.search(text) for text in told[:6] if len(text) < 160)


def is_index(document: Document, body: Body) -> bool:
    """Tell an index: linked headings stand between the chosen lines, each with its teaser."""
    span = document.blocks[body.first : body.last + 1]
    headings = [b for b in span if is_linked_heading(b)]
    prose = [b for b in span if is_prose(b)]
    if len(headings) >= TEASERS and len(headings) * 2 >= len(prose):
        return True
    types = document.story.get("@type", "")
    if types in ("CollectionPage", "ItemList", "WebSite", "SearchResultsPage"):
        return not document.story.get("datePublished")
    return False
