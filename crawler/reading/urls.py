"""Addresses as pages and listings print them -> the one form under which an article is known.

The canonical form keeps scheme, `www.` and trailing slash as they were listed: changing them
costs a redirect for every article. `settle_url` folds those twins with what the source tells.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from config.globs import glob_matches

if TYPE_CHECKING:
    from config.source import Source

LONGEST = 2000
PORTS = {"http": 80, "https": 443}
DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})
TWIN_PREFIXES = ("www.", "m.", "amp.")
SAFE = "/:@!$&'()*+,;=~-._%"
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Parameters that say who sent the reader or which skin to show, never which article.
TRACKING = frozenset({
    "ref", "source", "share", "amp", "noamp", "nonamp", "amp_markup", "usqp", "fbclid",
    "gclid", "dclid", "msclkid", "yclid", "twclid", "ttclid", "wbraid", "gbraid", "igshid",
    "igsh", "mc_cid", "mc_eid", "_ga", "_gl", "gl", "spm", "cmpid", "ocid", "pgrelated",
    "replytocom", "showcomment", "phpsessid",
})  # fmt: skip
TRACKING_STARTS = ("utm_", "_x_tr_", "relatedposts_", "amp_")
SKINS = {
    ("m", "0"),
    ("m", "1"),
    ("page", "1"),
    ("output", "amp"),
    ("outputtype", "amp"),
    ("view", "amp"),
}

FILES = re.compile(r"\.(?:xml|gz|rss|atom|json|txt|css|js|pdf|docx?|xlsx?|pptx?|zip|rar|apk"
                   r"|jpe?g|png|gif|webp|svg|ico|mp[34]|m3u8|webm)$", re.IGNORECASE)  # fmt: skip
FRONT = re.compile(r"/(?:index\.(?:php|html?|aspx?)|home|beranda)?/?$", re.IGNORECASE)
ARCHIVE = re.compile(r"(?:/20\d\d(?:/\d\d?){0,2}|(?:/[^/]+)*/page/\d+|(?:/[^/]+)*/(?:feed|rss))/?$")
SECTIONS = frozenset({
    "category", "kategori", "kanal", "rubrik", "tag", "tags", "tagar", "topic", "topik",
    "author", "penulis", "reporter", "page", "search", "cari", "pencarian", "label", "labels",
    "arsip", "indeks", "indeks-berita", "index-news", "index-berita",
    "terkini", "terbaru", "terpopuler", "populer", "feed", "feeds", "rss", "halaman",
    "laman", "login", "register", "wp-content", "wp-admin", "wp-includes", "wp-json",
    "wp-login.php", "cdn-cgi", "tentang-kami", "about", "redaksi", "kontak", "contact",
    "hubungi-kami", "disclaimer", "privacy-policy", "kebijakan-privasi",
    "pedoman-media-siber",
})  # fmt: skip
LONE_SECTIONS = frozenset({
    "berita", "news", "artikel", "read", "index", "nasional", "daerah",
})  # fmt: skip
LISTING_PARAMETERS = frozenset({
    "s", "q", "cat", "tag", "paged", "author", "search", "keyword", "label",
})  # fmt: skip
IDENTITY = re.compile(r"(?:p|\w*id|berita|news|read|artikel|post)", re.IGNORECASE)


def canonical_url(url: str, base: str | None = None) -> str | None:
    """Give an address its one form; None where it is no http(s) address of a host."""
    url = url.strip()
    if not url or url.startswith("#") or len(url) > LONGEST or not _is_clean(url):
        return None
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        netloc = _netloc(parts)
    except ValueError:
        return None
    if netloc is None:
        return None
    path = _path(_quoted(parts.path or "/"))
    result = urlunsplit((parts.scheme, netloc, path, _query(_quoted(parts.query, "?")), ""))
    return result if len(result) <= LONGEST else None


def bare_host(url: str) -> str:
    """Give an address's host without `www.`, `m.` and `amp.`; empty where there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    while host.startswith(TWIN_PREFIXES) and "." in host.partition(".")[2]:
        host = host.partition(".")[2]
    return host


def belongs_to(url: str, source: Source) -> bool:
    """Tell whether an address lies on a host of the source; sister subdomains do not count."""
    return url.startswith(("http://", "https://")) and bare_host(url) in _hosts(
        source.url, source.hosts
    )


def settle_url(url: str, source: Source, base: str) -> str:
    """Fold the twins that only the source can tell: scheme and prefix of `base`, pages of one.

    `base` is the address under which a listing finally answered: its host needs no redirect.
    """
    parts, to = urlsplit(url), urlsplit(base)
    scheme, netloc = parts.scheme, parts.netloc
    if parts.port == to.port and bare_host(url) == bare_host(base):
        netloc = to.netloc
        if parts.port is None and "https" in (parts.scheme, to.scheme):
            scheme = "https"
    path, query = _one_page(parts.path, parts.query, source)
    return urlunsplit((scheme, netloc, path, query, ""))


def whole_url(url: str, source: Source) -> str:
    """Give the address that shows the whole story on one page, by the rule of the source."""
    mark = source.article.all_pages
    if not mark:
        return url
    parts = urlsplit(url)
    if mark.startswith("?"):
        if mark[1:] in parts.query.split("&"):
            return url
        query = f"{parts.query}&{mark[1:]}" if parts.query else mark[1:]
        return urlunsplit(parts._replace(query=query))
    path = parts.path.rstrip("/")
    return url if path.endswith(mark) else urlunsplit(parts._replace(path=path + mark))


def is_article(url: str, source: Source) -> bool:
    """Tell whether an address may be an article: `skip`, then `only`, else no known listing."""
    if not belongs_to(url, source):
        return False
    parts = urlsplit(url)
    path, query = parts.path, parts.query
    if any(glob_matches(glob, path, query) for glob in source.article.skip):
        return False
    if source.article.only:
        return any(glob_matches(glob, path, query) for glob in source.article.only)
    if FILES.search(path) or any(_same_place(url, listing) for listing in source.listings):
        return False
    names = {piece.partition("=")[0].lower() for piece in query.split("&")}
    if has_identity(query):
        return True
    if FRONT.fullmatch(path) or ARCHIVE.fullmatch(path) or names & LISTING_PARAMETERS:
        return False
    steps = [step for step in path.lower().split("/") if step and step != "index.php"]
    return steps[0] not in SECTIONS and not (len(steps) == 1 and steps[0] in LONE_SECTIONS)


def has_identity(query: str) -> bool:
    """Tell whether a query names an article by number ("p=123", "id=88")."""
    for piece in query.split("&"):
        name, _, value = piece.partition("=")
        if IDENTITY.fullmatch(name) and value.isdigit():
            return True
    return False


def _is_clean(url: str) -> bool:
    return not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in url)


def _netloc(parts: SplitResult) -> str | None:
    host = (parts.hostname or "").translate(DOTS)
    if parts.scheme not in PORTS or "@" in parts.netloc or not host:
        return None
    if ":" in host:
        if "%" in host:
            return None
        host = f"[{ipaddress.IPv6Address(host).compressed}]"
    else:
        host = unicodedata.normalize("NFKC", host).lower().removesuffix(".")
        host = host if host.isascii() else host.encode("idna").decode().lower()
        if len(host) > 253 or not all(LABEL.fullmatch(label) for label in host.split(".")):
            return None
    port = parts.port
    if port == 0:
        return None
    return host if port in (None, PORTS[parts.scheme]) else f"{host}:{port}"


def _quoted(text: str, more: str = "") -> str:
    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    text = re.sub(r"%[0-9A-Fa-f]{2}", _one_escape, text)
    return quote(text, safe=SAFE + more)


def _one_escape(found: re.Match[str]) -> str:
    letter = chr(int(found[0][1:], 16))
    return letter if re.fullmatch(r"[A-Za-z0-9._~-]", letter) else found[0].upper()


def _path(path: str) -> str:
    path = re.sub(r";jsessionid=[^/;]*", "", path, flags=re.IGNORECASE)
    steps: list[str] = []
    last = ""
    for last in path.split("/"):
        if last == "..":
            del steps[-1:]
        elif last not in {"", "."}:
            steps.append(last)
    slash = "/" if steps and last in {"", ".", ".."} else ""
    return "/" + "/".join(_without_amp(steps)) + slash


def _without_amp(steps: list[str]) -> list[str]:
    """ANTARA `/amp/berita/1/x`, Disway `/amp/1/x` (for `/read/1/x`), WordPress `/x/amp/`."""
    start, end = 0, len(steps)
    while end - start > 1 and steps[start] == "amp":
        start += 1
    while end - start > 1 and steps[end - 1] == "amp":
        end -= 1
    read = ["read"] if start and steps[start].isdigit() else []
    return read + steps[start:end]


def _query(query: str) -> str:
    kept = []
    for piece in query.split("&"):
        while piece.startswith("amp;"):
            piece = piece[4:]
        name, _, value = piece.partition("=")
        name = name.lower()
        if piece and not (
            name in TRACKING or name.startswith(TRACKING_STARTS) or (name, value.lower()) in SKINS
        ):
            kept.append(piece)
    return "&".join(kept)


@lru_cache(maxsize=8192)
def _hosts(url: str, hosts: tuple[str, ...]) -> frozenset[str]:
    return frozenset({bare_host(url), *(bare_host(f"//{host}") for host in hosts)} - {""})


def _same_place(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    same_path = a.path.rstrip("/") == b.path.rstrip("/")
    return same_path and a.query == b.query and bare_host(one) == bare_host(other)


def _one_page(path: str, query: str, source: Source) -> tuple[str, str]:
    mark = source.article.all_pages or ""
    if mark.startswith("?"):
        name, _, value = mark[1:].partition("=")
        pages = re.compile(rf"{re.escape(name)}=(?:{re.escape(value)}|\d+)")
        query = "&".join(piece for piece in query.split("&") if not pages.fullmatch(piece))
    elif mark and path.rstrip("/").endswith(mark) and len(path.rstrip("/")) > len(mark):
        path = path.rstrip("/").removesuffix(mark)
    if source.family == "disway":
        path = re.sub(r"^((?:/[^/]+)?/read/\d+/[^/]+)/\d+/?$", r"\1", path)
    elif source.family == "wordpress":
        head, _, number = path.rstrip("/").rpartition("/")
        if re.fullmatch(r"[1-9]\d?", number) and re.search("[a-z]-", head.rpartition("/")[2]):
            path = head + ("/" if path.endswith("/") else "")
    return path, query
