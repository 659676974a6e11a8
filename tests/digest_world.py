"""A small archive for the tests of telling: invented sources and articles, stored for real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from config.channels import FileChannel
from config.region import load_regions
from config.settings import Monitor, Settings
from config.source import Source
from config.topic import load_topics
from monitors.digests.health_block import HealthReport, SourceLine
from monitors.digests.telling import Context, meet_monitors, tell_due
from monitors.grouping.copies import group_article
from storage.articles import newest_article, save_article
from storage.database import writing
from storage.matches import save_matches
from storage.records import Article, Evidence, Level, Match
from storage.topics import advance_topics, begin_topics

if TYPE_CHECKING:
    from sqlite_utils import Database

NOW = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)  # 4 March, 06.00 WIB
TOPIC = "koordinasi-antikorupsi"
MONITOR = Monitor(name="pagi", topics=(TOPIC,))
REGIONS = load_regions()
TOPICS = load_topics(None)[0]
SOURCES = {
    source.id: source
    for source in (
        Source(id="kabar-musi", name="Kabar Musi", url="https://kabarmusi.test/",
               province="sumatera-selatan", slot="kabarmusi.test", province_code="16"),
        Source(id="lintas-ogan", name="Lintas Ogan", url="https://lintasogan.test/",
               province="sumatera-selatan", slot="lintasogan.test", province_code="16"),
        Source(id="ranah-pagi", name="Ranah Pagi", url="https://ranahpagi.test/",
               province="sumatera-barat", slot="ranahpagi.test", province_code="13"),
        Source(id="teluk-kini", name="Teluk Kini", url="https://telukkini.test/",
               province="maluku", slot="telukkini.test", province_code="81", timezone="WIT"),
        Source(id="suara-negeri", name="Suara Negeri", url="https://suaranegeri.test/",
               province="nasional", slot="suaranegeri.test"),
    )
}  # fmt: skip
HEALTH = HealthReport(
    checked=1204,
    ok=1190,
    failing=(
        SourceLine(
            source="wadah-info",
            name="Wadah Info",
            province="Jambi",
            reason="http_503",
            since=NOW - timedelta(days=2),
        ),
    ),
    quiet=(
        SourceLine(
            source="pena-timur", name="Pena Timur", province="Papua", since=NOW - timedelta(days=9)
        ),
    ),
    never=(SourceLine(source="arus-baru", name="Arus <Baru>", reason="dns"),),
    disabled=3,
)
RELEASE = (
    "PRABUMULIH - Wakil Wali Kota menghadiri rapat koordinasi pencegahan korupsi bersama KPK di"
    " Palembang, Selasa (3/3/2026). Pertemuan itu membahas rencana aksi tahun berjalan.\n"
    "Ia berharap nilai MCSP naik dan meminta setiap perangkat daerah melengkapi dokumen sebelum"
    " akhir bulan. Inspektorat mendampingi pengisiannya setiap pekan, kata dia."
)


def add(
    db: Database,
    url: str,
    title: str,
    text: str,
    *,
    at: datetime | None = NOW - timedelta(hours=12),
    region: str | None = None,
    province: str | None = None,
    level: Level = "sure",
    phrases: tuple[str, ...] = ("rapat koordinasi", "KPK"),
    event: int | None = None,
    found_later: bool = False,
    matched: bool = True,
    now: datetime = NOW,
    **changes: Any,
) -> int:
    """Store an article with its match and groups; `event` moves it under another's event."""
    host = url.split("/")[2]
    source = next(one for one in SOURCES.values() if one.url == f"https://{host}/")
    values: dict[str, Any] = {
        "url": url,
        "source": source.id,
        "title": title,
        "text": text,
        "published_at": at,
        "precision": "minute" if at else None,
        "fetched_at": now,
    }
    with writing(db):
        saved = save_article(
            db,
            Article(**(values | changes)),
            now=now,
            region=region,
            province=province or (region.split(".")[0] if region else source.province_code),
            timezone=source.timezone,
        )
        if matched:
            match = Match(
                topic=TOPIC,
                revision="r1",
                score=8.0,
                level=level,
                evidence=_evidence(title, text, phrases),
            )
            save_matches(db, saved.id, [match], now, found_later=found_later)
        group_article(db, saved.id, now)
        if event is not None:
            db.execute(
                "UPDATE articles SET event = (SELECT event FROM articles WHERE id = ?)"
                " WHERE id = ?",
                [event, saved.id],
            )
    return saved.id


def fill(db: Database) -> None:
    """Store one day: copies, two angles of one event, every section, and hostile wording."""
    first = add(db, "https://kabarmusi.test/rakor", "Wakil Wali Kota Hadiri Rakor KPK", RELEASE,
                region="16.74", at=NOW - timedelta(hours=20))  # fmt: skip
    add(db, "https://lintasogan.test/rakor-kpk", "Pemkot Ikut Rakor KPK di Palembang", RELEASE,
        region="16.74", at=NOW - timedelta(hours=18), event=first)  # fmt: skip
    add(db, "https://suaranegeri.test/sumsel", "KPK Minta Sumsel Benahi Aset", "KPK dan para kepala"
        " daerah duduk dalam rapat koordinasi. Aset diminta dibenahi.", province="16",
        at=NOW - timedelta(hours=17), level="likely", event=first)  # fmt: skip
    add(db, "https://telukkini.test/mcsp", 'Skor MCSP <b>Ambon</b> & "Maluku" {{ 7*7 }}',
        "AMBON - KPK <script>alert(1)</script> menggelar rapat koordinasi dengan pemkot.",
        region="81.71", at=NOW - timedelta(hours=3), level="likely")  # fmt: skip
    add(db, "https://suaranegeri.test/nasional", "KPK Bahas Tata Kelola Daerah", "Tanpa wilayah.",
        phrases=(), at=None)  # fmt: skip
    add(db, "https://ranahpagi.test/lama", "Rakor MCSP Padang Bulan Lalu", "PADANG - KPK menggelar"
        " rapat koordinasi.", region="13.71", at=NOW - timedelta(days=20))  # fmt: skip
    add(db, "https://ranahpagi.test/arsip", "Surat KPK kepada Bupati", "Isi surat KPK dibacakan.",
        province="13", at=NOW - timedelta(days=90), found_later=True)  # fmt: skip


def settings(**changes: Any) -> Settings:
    """Give settings with one file channel and one monitor."""
    values: dict[str, Any] = {
        "channels": {"file": FileChannel()},
        "monitors": {MONITOR.name: MONITOR},
    }
    return Settings(**(values | changes))


def tell(db: Database, planned: Settings, *more: dict[str, Any]) -> list[int]:
    """Store the day (and `more`) for monitors met two days before; tell what is due at its end."""
    with writing(db):
        meet_monitors(db, planned.monitors, NOW - timedelta(days=2))
    fill(db)
    for one in more:
        add(db, **one)
    with writing(db):  # all of it counts as matched: a daemon on this home leaves it alone
        begin_topics(db, {TOPIC: "r1"}, NOW)
        advance_topics(db, [TOPIC], newest_article(db))
    context = Context(
        settings=planned, health=HEALTH, sources=SOURCES, regions=REGIONS, topics=TOPICS, now=NOW
    )
    with writing(db):
        return tell_due(db, planned.monitors, context)


def _evidence(title: str, text: str, phrases: tuple[str, ...]) -> tuple[Evidence, ...]:
    lines = []
    for field, content in (("title", title), ("text", text)):
        for phrase in phrases:
            start = content.find(phrase)
            if start >= 0:
                lines.append(
                    Evidence(
                        concept=phrase.lower(),
                        phrase=phrase,
                        field=field,  # type: ignore[arg-type]  # both are fields
                        paragraph=-1 if field == "title" else content.count("\n", 0, start),
                        start=start,
                        end=start + len(phrase),
                        weight=2.0,
                    )
                )
    return tuple(lines)
