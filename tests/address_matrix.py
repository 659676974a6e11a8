"""Forty ways to spell an address that we must not dial, at each of eight doors into the crawl."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.source import write_source as order_source
from tests.crawling import write_settings, write_source
from tests.hostile import HostileSite, say
from tests.walls import STORY, page

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC = "103.10.66.1"
SPELLINGS = (
    *("127.0.0.1", "127.0.0.1.", "127.255.255.254", "127.1", "127.0.1", "2130706433"),
    *("0x7f000001", "0x7f.0.0.1", "0x7f.1", "0X7F.1", "0177.0.0.1", "017700000001", "0177.1"),
    *("0", "0.0.0.0", "127。0。0。1", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127｡0｡0｡1"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]"),
    *("[fd00:ec2::254]", "[ff02::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "100.64.0.1"),
    *("224.0.0.1", "198.18.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8"),
    *("localhost", "localhost.", "LOCALHOST", "rumah.id", "metadata.google.internal"),
    *("127.0.0.1.pintu.id", "orang@127.0.0.1", "kpk.go.id@127.0.0.1", "kpk.go.id:80@10.0.0.1"),
    *("%31%32%37.0.0.1", "127.0.0.1%00.id", "127.0.0.1:22", "rumah.id:6379", "balik.id"),
)
NAMES = {
    "localhost": ["127.0.0.1"],
    "rumah.id": ["192.168.1.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "127.0.0.1.pintu.id": ["127.0.0.1"],
    "127.0.0.1": ["127.0.0.1"],
    "balik.id": [PUBLIC, "127.0.0.1"],
}
# On the loopback of a private network these are as near as any other.
ADDRESSES = (
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1"),
    *("192.0.0.8", PUBLIC),
)
REFUSED = frozenset({"blocked_address", "blocked_port", "bad_address"})
REDIRECT, REFRESH, CANONICAL = (
    "/berita/satu-dua-tiga",
    "/berita/dua-tiga-empat",
    "/berita/tiga-lima",
)
DOORS = ("source", "order", "feed link", "sitemap entry", "robots line", "canonical", "redirect",
         "meta refresh")  # fmt: skip


def environment() -> dict[str, str]:
    """Give what the crawl needs to know the names."""
    return {"FAKE_DNS": json.dumps(NAMES)}


def build(site: HostileSite, home: Path) -> dict[str, str]:
    """Write the home and the hosts; give the sources that passed the first door, by spelling."""
    write_settings(home)
    passed: dict[str, str] = {}
    for place, spelling in enumerate(SPELLINGS):
        evil = f"http://{spelling}"
        host = f"pintu{place}.test"
        _build_host(site, host, evil)
        write_source(home, f"pintu{place}", site.url(host), 'listings = ["/feed/", "/peta.xml"]\n')
        write_source(home, f"berkas{place}", f"{evil}/", 'listings = ["/feed/"]\n')
        with contextlib.suppress(ConfigError):
            source = order_source(home, url=f"{evil}/", id=f"pesan{place}", existing={})
            passed[source.id] = spelling
    return passed


def _build_host(site: HostileSite, host: str, evil: str) -> None:
    entries = "".join(
        f"<item><title>Bupati dan KPK {n}</title><link>{url}</link></item>"
        for n, url in enumerate(
            [f"{evil}/berita/satu-dua-tiga"]
            + [site.url(host, path) for path in (REDIRECT, REFRESH, CANONICAL)]
        )
    )
    feed = f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>'
    site.set(host, "/feed/", say(feed.encode(), kind="application/rss+xml"))
    rows = f"<url><loc>{evil}/berita/dua-tiga</loc></url><url><loc>{evil}/peta2.xml</loc></url>"
    site.set(host, "/peta.xml", say(f"<urlset>{rows}</urlset>".encode(), kind="text/xml"))
    site.set(
        host,
        "/robots.txt",
        say(f"User-agent: *\nDisallow:\nSitemap: {evil}/peta.xml\n".encode(), kind="text/plain"),
    )
    site.set(host, REDIRECT, _redirect(f"{evil}/x"))
    refresh = f'<meta http-equiv="refresh" content="0; url={evil}/x">'
    site.set(host, REFRESH, say(page("x", "", refresh).encode()))
    head = f'<link rel="canonical" href="{evil}/y"><link rel="amphtml" href="{evil}/z">'
    site.set(host, CANONICAL, say(page("Bupati dan KPK", STORY, head).encode()))


def _redirect(location: str):  # type: ignore[no-untyped-def]  # as say()
    async def serve(wire) -> None:  # type: ignore[no-untyped-def]  # a Wire
        head = (
            f"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: {location}"
        )
        await wire.send(head.encode() + b"\r\n\r\n")

    return serve
