"""Prints the pages and listings of generated sites: class names and orders drawn by lot."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

from tests.web import Told

if TYPE_CHECKING:
    from random import Random

    from tests.web import Web

WIB = timezone(timedelta(hours=7))
XML = "application/xml; charset=utf-8"
# code, province, a town of it as print gives it, the town's code
PLACES = (
    ("16", "Sumatera Selatan", "Kota Palembang", "16.71", "sumsel"),
    ("33", "Jawa Tengah", "Kabupaten Kudus", "33.19", "jateng"),
    ("72", "Sulawesi Tengah", "Kota Palu", "72.71", "sulteng"),
    ("61", "Kalimantan Barat", "Kabupaten Sambas", "61.01", "kalbar"),
    ("18", "Lampung", "Kabupaten Pringsewu", "18.10", "lampung"),
    ("52", "Nusa Tenggara Barat", "Kota Mataram", "52.71", "ntb"),
    ("14", "Riau", "Kabupaten Siak", "14.08", "riau"),
)
SUBJECTS = (
    "Bupati",
    "Wali Kota",
    "Dinas Pendidikan",
    "Petani",
    "Pedagang Pasar",
    "Warga Desa",
    "Kelompok Nelayan",
    "DPRD",
    "Puskesmas",
    "Sekretaris Daerah",
)
ACTS = ("Resmikan", "Bahas", "Tinjau", "Perbaiki", "Dorong", "Siapkan", "Evaluasi", "Serahkan")
THINGS = (
    "Jembatan Gantung",
    "Bantuan Benih Padi",
    "Rencana Irigasi",
    "Layanan Air Bersih",
    "Gudang Beras",
    "Taman Baca",
    "Pelabuhan Rakyat",
    "Jalan Lingkar",
)
WHENS = (
    "Menjelang Musim Hujan",
    "Setelah Panen Raya",
    "Bersama Tokoh Masyarakat",
    "untuk Tahun Depan",
    "di Tengah Kekeringan",
    "Usai Rapat Anggaran",
)
SENTENCES = (
    "Kegiatan itu dihadiri puluhan warga yang sudah menunggu sejak pagi di halaman kantor.",
    "Menurut panitia, pekerjaan akan selesai sebelum akhir tahun dan tidak menambah anggaran.",
    "Ia berharap warga ikut menjaga apa yang sudah dibangun bersama selama beberapa bulan ini.",
    "Sejumlah pedagang mengaku senang karena jalan menuju pasar kini dapat dilewati kendaraan.",
    "Pemerintah akan menyampaikan laporan kepada dewan pada rapat yang dijadwalkan pekan depan.",
    "Kepala bidang menambahkan bahwa data penerima masih diperiksa agar tidak ada yang terlewat.",
)
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
NEWS_SPACE = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
MAP_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
ADVERT = '<a href="https://iklan-lain.test/promo">Promo akhir pekan besar sekali</a>'
RUBRICS = ("daerah", "ekonomi", "pendidikan", "olahraga")
PATTERNS = {
    "wordpress": "/{year}/{month:02}/{slug}/",
    "blogger": "/{year}/{month:02}/{slug}.html",
    "antara": "/berita/{number}/{slug}",
    "tribun": "/{year}/{month:02}/{day}/{slug}",
    "disway": "/read/{number}/{slug}",
    "promedia": "/{rubric}/11{number}000/{slug}",
    "goid": "/berita/{slug}",
}
FEEDS = {
    "wordpress": "/feed/",
    "blogger": "/feeds/posts/default",
    "antara": "/rss/terkini.xml",
    "tribun": "/rss",
    "disway": "/rss",
    "promedia": "/rss",
    "goid": "/feed",
}
SECTIONS = {
    "wordpress": "/category/{}/",
    "blogger": "/search/label/{}",
    "antara": "/{}",
    "tribun": "/{}",
    "disway": "/kategori/{}",
    "promedia": "/{}",
    "goid": "/kanal/{}",
}
INDEXES = {
    "antara": "/terkini",
    "tribun": "/index-news",
    "promedia": "/indeks-berita",
    "goid": "/berita",
}
HINTS = (
    "whole",
    "undeclared",
    "sitemap",
    "sections",
    "comments",
    "foreign",
    "partial",
    "stale",
    "twins",
    "rest",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article of a generated site."""

    number: int
    path: str
    title: str
    rubric: str
    at: datetime
    paragraphs: tuple[str, ...]


class Printer:
    """What all sites of one kind share; a maker draws the rest."""

    def __init__(self, web: Web, kind: str, die: Random) -> None:
        self.web = web
        self.kind = kind
        self.die = die
        self.host = self.name = self.place = self.town = self.province = ""
        self.declared: list[tuple[str, str]] = []
        letters = string.ascii_lowercase
        self.names = ["".join(die.choices(letters, k=die.randint(4, 9))) for _ in range(12)]

    def _tagline(self) -> str:
        return (
            f"Berita {self.province} Terkini"
            if self.place == "title"
            else "Berita Terkini Hari Ini"
        )

    def _cards(self, stories: list[Story]) -> str:
        cards = []
        for story in stories:
            url = self.web.url(self.host, story.path)
            parts = [
                f'<a href="{url}"><img src="/i/{story.number}.jpg" alt=""></a>',
                f'<h3 class="{self.names[2]}"><a href="{url}">{escape(story.title)}</a></h3>',
                f'<span class="{self.names[3]}">{story.rubric.title()}</span>',
            ]
            self.die.shuffle(parts)
            cards.append(f'<div class="{self.names[4]}">{"".join(parts)}</div>')
        return "".join(cards)

    def _head(self, *, front: bool) -> str:
        lines = []
        if self.kind == "wordpress" and self.die.random() < 0.5:
            lines.append('<meta name="generator" content="WordPress 6.8.1">')
        if self.kind == "blogger" and self.die.random() < 0.5:
            lines.append('<meta content="blogger" name="generator">')
        lines += [
            f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{path}">'
            for path, title in self.declared
            if front
        ]
        self.die.shuffle(lines)
        if self.die.random() < 0.5:
            lines.append(f'<meta property="og:site_name" content="{self.name}">')
        return "".join(lines)

    def _assets(self) -> str:
        return {
            "wordpress": '<script src="/wp-includes/js/jquery/jquery.min.js"></script>'
            '<link rel="stylesheet" href="/wp-content/themes/x/style.css">',
            "blogger": '<link rel="stylesheet" href="https://www.blogger.com/static/v1/widgets/1-css_bundle_v2.css">',
            "antara": '<link rel="stylesheet" href="https://static.antaranews.com/css/style.css">',
            "tribun": '<script src="https://asset-1.tstatic.net/js/main.js"></script>',
            "disway": '<img src="https://cms.disway.id/uploads/logo.png" alt="">',
            "promedia": '<script src="https://static.promediateknologi.id/promedia/js/app.js"></script>',
        }.get(self.kind, "")

    def _page(self, path: str, title: str, main: str, head: str = "") -> None:
        menu = "".join(
            f'<a href="{SECTIONS[self.kind].format(r)}">{r.title()}</a>' for r in RUBRICS
        )
        if index := INDEXES.get(self.kind):
            menu += f'<a href="{index}">{"Berita" if index == "/berita" else "Indeks"}</a>'
        footer = f"Redaksi {self.name}"
        if self.place == "town":
            footer += (
                f". Jalan Merdeka Nomor {self.die.randint(1, 90)}, {self.town}, {self.province}"
            )
        if self.kind in ("antara", "tribun"):
            footer += " Jaringan: " + " ".join(f"{self.kind.title()} {p[1]}" for p in PLACES)
        blocks = [
            f'<div class="{self.names[5]}">{main}</div>',
            f'<aside class="{self.names[6]}">{ADVERT}</aside>',
        ]
        self.die.shuffle(blocks)
        self.web.tell(
            self.host,
            path,
            Told(
                body=(
                    f'<!doctype html><html lang="id"><head><title>{escape(title)}</title>'
                    f"{head or self._head(front=False)}{self._assets()}</head>"
                    f'<body class="{self.names[7]}"><nav>{menu}</nav>{"".join(blocks)}'
                    f'<footer class="{self.names[8]}">{footer}</footer></body></html>'
                ).encode()
            ),
        )

    def _feed(self, path: str, stories: list[Story], host: str | None = None) -> None:
        items = "".join(
            f"<item><title>{escape(s.title)}</title>"
            f"<link>{self.web.url(host or self.host, s.path)}</link>"
            f"<pubDate>{format_datetime(s.at)}</pubDate></item>"
            for s in stories
        )
        self._tell(
            path, f'<rss version="2.0"><channel><title>{self.name}</title>{items}</channel></rss>'
        )

    def _row(self, story: Story, news: bool) -> str:
        loc = f"<loc>{self.web.url(self.host, story.path)}</loc>"
        if not news:
            return f"<url>{loc}<lastmod>{story.at.isoformat()}</lastmod></url>"
        at = f"<news:publication_date>{story.at.isoformat()}</news:publication_date>"
        return (
            f"<url>{loc}<news:news>{at}"
            f"<news:title>{escape(story.title)}</news:title></news:news></url>"
        )

    def _tell(self, path: str, xml: str) -> None:
        self.web.tell(self.host, path, Told(body=f'<?xml version="1.0"?>{xml}'.encode(), kind=XML))
