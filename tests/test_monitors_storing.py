"""What is read becomes an article, unless a site shows the same under many addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitors.stages import pending
from monitors.storing import FURNITURE_REASON, tells_of
from storage.furniture import withdraw_articles
from storage.matches import count_matches
from storage.readings import outcome_counts
from storage.search import find_hits
from storage.told import tell
from tests.reading_world import LEAD, MORE, OTHER, TITLE, World, page, play

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SLUGS = ["bupati-resmikan-jembatan", "harga-cabai-naik", "jadwal-pertandingan-sepekan"]
# Words of a site in place of a story, none of which any single page gives away: no status, no
# title, no phrase that says "not found". Invented.
NOTICES = [
    f"{first} {second} {third}"
    for first in (
        "Kami sedang merapikan rak-rak arsip agar lebih nyaman dibuka dari gawai apa saja.",
        "Selamat datang di rumah kabar kami, tempat pembaca setia berkumpul setiap pagi.",
        "Terima kasih telah berkunjung, redaksi selalu senang menerima tamu dari mana pun.",
        "Naskah yang dicari rupanya belum kembali ke tempatnya, mohon bersabar sebentar.",
        "Sajian pilihan hari ini dapat dinikmati lewat aplikasi yang baru kami perbarui.",
        "Situs ini memakai kuki supaya kunjungan berikutnya terasa lebih cepat dan ringan.",
    )
    for second, third in (
        ("Silakan kembali beberapa saat lagi.", "Salam hangat dari seluruh awak redaksi kami."),
        (
            "Hubungi meja layanan bila perlu.",
            "Jam kerja kami pukul delapan sampai lima.",
        ),
        ("Coba pula rubrik kami yang lain.", "Ada resep, cuaca, dan cerita dari pembaca setia."),
        ("Mohon muat ulang peramban Anda.", "Kadang-kadang jaringan memang sedang tidak ramah."),
        ("Ikuti kabar kami di mana saja.", "Setiap sore ada rangkuman singkat untuk pembaca."),
    )
]


def test_there_are_30_samples() -> None:
    assert len(set(NOTICES)) == 30


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_C20_one_text_under_three_addresses_is_furniture(
    home: Path, now: datetime, start: int
) -> None:
    async def story(world: World) -> None:
        notices = NOTICES[start : start + 10]
        urls = {
            (n, slug): f"https://contoh.test/{start + n}/{slug}"
            for n in range(10)
            for slug in SLUGS
        }
        for (n, slug), url in urls.items():
            if slug != SLUGS[2]:
                world.fetch(url, page("Rumah Kabar Kami", notices[n]))
        await world.work()
        assert world.ask(lambda db: find_hits(db, "kami", limit=100)) != []
        for (n, slug), url in urls.items():
            if slug == SLUGS[2]:
                world.fetch(url, page("Rumah Kabar Kami", notices[n]))
        await world.work()
        counts = world.ask(outcome_counts)
        assert counts == {("not_article", FURNITURE_REASON): 30}
        assert all(world.article(url) is None for url in urls.values())
        assert world.ask(lambda db: find_hits(db, "kami", limit=100)) == []
        # The fourth is known for what it is.
        world.fetch("https://contoh.test/9/kabar-keempat", page("Rumah Kabar Kami", notices[0]))
        await world.work()
        assert world.article("https://contoh.test/9/kabar-keempat") is None
        assert pending(home) == 0

    play(home, now, story)


def test_C20_a_release_under_three_addresses_is_an_article_each(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        for number in range(4):
            world.fetch(
                f"https://contoh.test/{number}/wali-kota-palembang-hadiri-rakor-kpk",
                page(TITLE, LEAD, MORE),
            )
        await world.work()
        assert world.ask(outcome_counts) == {("article", ""): 4}
        assert world.ask(count_matches) == 4

    play(home, now, story)


def test_what_somebody_was_told_of_is_not_taken_back(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch("https://contoh.test/1", page(TITLE, LEAD, MORE))
        await world.work()
        world.fetch("https://contoh.test/2", page("Panen Padi", OTHER))
        await world.work()
        await world.pen(lambda db: tell(db, "pagi", [1], now=now))
        assert await world.pen(lambda db: withdraw_articles(db, [1, 2], "lost")) == [2]
        assert world.ask(count_matches) == 1
        assert world.ask(outcome_counts) == {("article", ""): 1, ("not_article", "lost"): 1}
        # Its number is never given again: topics have passed it.
        world.fetch("https://contoh.test/3", page("Panen Padi", OTHER, MORE))
        await world.work()
        article = world.article("https://contoh.test/3")
        assert article is not None
        assert article.id == 3

    play(home, now, story)


def test_a_text_tells_of_its_address_when_it_repeats_its_words() -> None:
    assert tells_of(LEAD, "https://a.test/read/88/wali-kota-hadiri-rapat-pencegahan")
    assert not tells_of(LEAD, "https://a.test/harga-cabai-naik-pasar")
    assert tells_of(LEAD, "https://a.test/berita/123") is None
