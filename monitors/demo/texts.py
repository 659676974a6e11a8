"""texts/*.toml -> titles and paragraphs: small parameterised stories, filled by a seeded die.

All people and events are invented; the regions are real ones.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

Label = Literal["on_topic", "look_alike", "ordinary"]
WORDS_LEAST = 200
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A template of one kind of news; `sites` is how many sites report one such event."""

    id: str
    label: Label
    rubric: str
    titles: tuple[str, ...]
    leads: tuple[str, ...]
    body: tuple[str, ...]
    sites: int = 1
    scope: str = "region"
    reserve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A kabupaten or kota of a province, as stories name it."""

    name: str
    kind: Literal["Kabupaten", "Kota"]
    province: str
    capital: str
    wilayah: str
    siblings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A written story without address, dateline or credits."""

    story: str
    label: Label
    rubric: str
    title: str
    paragraphs: tuple[str, ...]


@cache
def load_data(name: str) -> dict[str, Any]:
    """Load `texts/<name>.toml` as it stands."""
    with (files("monitors.demo") / "texts" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def typed_row(row: dict[str, Any]) -> dict[str, Any]:
    """Turn a table of a file into the values of a frozen dataclass: lists become tuples."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}


@cache
def load_stories(name: str) -> tuple[Story, ...]:
    """Load the stories of one file; `release` counts as on topic."""
    label: Any = "on_topic" if name == "release" else name
    return tuple(Story(label=label, **typed_row(row)) for row in load_data(name)["story"])


def find_place(code: str, die: Random) -> Place:
    """Draw a region of the province."""
    row = load_data("sites")["provinces"][code]
    name = die.choice(row["regencies"] + row["cities"])
    return Place(
        name=name,
        kind="Kota" if name in row["cities"] else "Kabupaten",
        province=row["name"],
        capital=row["capital"],
        wilayah=row["wilayah"],
        siblings=tuple(n for n in row["regencies"] + row["cities"] if n != name),
    )


def person(die: Random) -> str:
    """Draw an invented person."""
    words = load_data("words")
    first = die.choice(words["first_men"] + words["first_women"])
    return f"{first} {die.choice(words['last'])}"


def printed_day(when: datetime) -> str:
    """Print a local day as the press does: Rabu (4/3/2026)."""
    return f"{DAYS[when.weekday()]} ({when.day}/{when.month}/{when.year})"


def draw_slots(place: Place, when: datetime, die: Random, offices: Random) -> dict[str, str]:
    """Draw what fills a story: `offices` decides who holds an office, `die` all the rest.

    `when` is the event's time in the zone of the place.
    """
    words = load_data("words")
    head = person(offices)
    office = f"{'Wali Kota' if place.kind == 'Kota' else 'Bupati'} {place.name}"
    short = "Pemkot" if place.kind == "Kota" else "Pemkab"
    names = {
        key: person(offices) for key in ("sekda", "inspektur", "dewan", "kapolres", "nama_gubernur")
    } | {key: person(die) for key in ("kadis", "warga", "warga_b", "siswa")}
    return names | {
        "kepala": f"{office} {head}",
        "jabatan": office,
        "kepala_kota": office,
        "nama": head,
        "panggil": head.split()[0],
        "pemda": f"{short} {place.name}",
        "pemerintah": f"Pemerintah {place.kind} {place.name}",
        "daerah": f"{place.kind} {place.name}",
        "nama_daerah": place.name,
        "jenis": place.kind,
        "provinsi": place.province,
        "gubernur": f"Gubernur {place.province} {names['nama_gubernur']}",
        "kota": place.capital,
        "daerah_b": die.choice(place.siblings),
        "wilayah": place.wilayah,
        "kasatgas": "Bahrun Wicaksana" if place.wilayah in ("I", "II") else "Martina Pratikno",
        "pimpinan_kpk": "Wakil Ketua KPK Darwis Cakranata",
        "nama_pimpinan": "Darwis",
        "jubir": "Arkan Effendri",
        "desa": die.choice(words["villages"]),
        "kecamatan": die.choice(words["districts"]),
        "gedung": f"{die.choice(words['halls'])}, {place.capital}",
        "hari": printed_day(when),
        "tahun": str(when.year),
        "tahun_lalu": str(when.year - 1),
        "skor": _decimal(die, 75, 91),
        "skor_lalu": _decimal(die, 60, 74),
        "skor_tinggi": _decimal(die, 93, 97),
        "skor_rendah": _decimal(die, 45, 59),
        "spi": _decimal(die, 62, 71),
        "spi_lalu": _decimal(die, 73, 77),
        "spi_baik": _decimal(die, 78, 83),
        "n_kecil": str(die.randint(2, 9)),
        "n_belas": str(die.randint(11, 48)),
        "n_puluh": str(die.randint(51, 89)),
        "n_ratus": str(die.randint(110, 940)),
        "hektare": _decimal(die, 3, 60, digits=1),
        "persen": f"{_decimal(die, 18, 88, digits=1)} persen",
        "miliar": f"Rp{_decimal(die, 2, 60, digits=1)} miliar",
        "juta": f"Rp{die.randint(12, 90) * 5} juta",
    }


def write_story(
    story: Story, slots: dict[str, str], die: Random, *, drop: int | None = None, words: int = 0
) -> Draft:
    """Write a story: one title, one lead, its body and what fills it up to 200 words or `words`.

    `drop` leaves one paragraph of the body out, as another reporter would.
    """
    body = [p for i, p in enumerate(story.body) if drop is None or i != drop % len(story.body)]
    paragraphs = [die.choice(story.leads), *body]
    fillers = list(load_data("words")["fillers"][story.label])
    die.shuffle(fillers)
    least = max(words, WORDS_LEAST)
    filled = [text.format_map(slots) for text in paragraphs]
    while story.scope != "release" and _count(filled) < least and fillers:
        filled.append(fillers.pop().format_map(slots))
    return Draft(
        story=story.id,
        label=story.label,
        rubric=story.rubric,
        title=die.choice(story.titles).format_map(slots),
        paragraphs=tuple(filled),
    )


def _count(paragraphs: list[str]) -> int:
    return sum(len(p.split()) for p in paragraphs)


def _decimal(die: Random, low: int, high: int, *, digits: int = 2) -> str:
    return f"{die.uniform(low, high):.{digits}f}".replace(".", ",")
