"""The two seed articles in pages of their outlets' shape, served beside the sample web's sites."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from monitors.demo.events import Report
from monitors.demo.sites import Site
from monitors.demo.texts import Draft

if TYPE_CHECKING:
    from monitors.demo.web import SampleArticle, SampleWeb

SEEDS = Path(__file__).parent / "seeds"
AMPERA_TITLE = "Herman Deru Hadiri Rakor Pemberantasan Korupsi Terintegrasi Bersama KPK"

PRABUMULIH = Site(
    id="koranprabumulih",
    name="Koran Prabumulih",
    host="koranprabumulih.test",
    theme="disway",
    family="disway",
    province="16",
    path="/read/{number}/{slug}",
    dateline="",
    weight=70,
    sections=("/kategori/daerah",),
    validators=False,
)
AMPERA = Site(
    id="amperakilat",
    name="Ampera Kilat",
    host="amperakilat.test",
    theme="wordpress_classic",
    family="wordpress",
    province="16",
    path="/{year}/{month:02}/{day:02}/{slug}/",
    dateline="",
    weight=80,
    feed="/feed/",
)
OTHERS = (
    "Pemkot Gelar Pasar Murah Menjelang Akhir Pekan",
    "Jalan Lingkar Ditutup Sementara karena Perbaikan Drainase",
)


def add_seed_sites(web: SampleWeb) -> tuple[SampleArticle, SampleArticle]:
    """Add both outlets with their seed article; give (Prabumulih's, Ampera's)."""
    first = (SEEDS / "000_22aa8ca45e43b775.txt").read_text("utf-8").splitlines()
    second = (SEEDS / "003_b5eadc19ffa54216.txt").read_text("utf-8").splitlines()
    for site in (PRABUMULIH, AMPERA):
        web.add_site(site)
    body = [line for line in first[2:] if line.strip() and not line.startswith("BACA JUGA")]
    for n, title in enumerate(
        line.removeprefix("BACA JUGA:") for line in first if line.startswith("BACA JUGA")
    ):
        web.publish(_everyday(PRABUMULIH.id, title, web.now - timedelta(hours=30 + n)))
    for n, title in enumerate(OTHERS):
        web.publish(_everyday(AMPERA.id, title, web.now - timedelta(hours=30 + n)))
    return (
        web.publish(_seed(PRABUMULIH.id, first[0], body, web.now - timedelta(hours=6))),
        web.publish(
            _seed(
                AMPERA.id,
                AMPERA_TITLE,
                [line for line in second if line.strip()],
                web.now - timedelta(hours=5),
            )
        ),
    )


def _seed(site: str, title: str, paragraphs: list[str], at: datetime) -> Report:
    draft = Draft(
        story="seed",
        label="on_topic",
        rubric="daerah",
        title=title,
        paragraphs=tuple(paragraphs),
    )
    return Report(site=site, draft=draft, at=at, event=f"seed-{site}")


def _everyday(site: str, title: str, at: datetime) -> Report:
    text = "Warga menyambut baik kegiatan itu dan berharap dilanjutkan setiap bulan. "
    draft = Draft(
        story="everyday",
        label="ordinary",
        rubric="daerah",
        title=title,
        paragraphs=(text * 3, text * 4),
    )
    return Report(site=site, draft=draft, at=at)
