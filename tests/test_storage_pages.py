"""Pages: a row per fetch, a body once, handed on in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storage import links, pages
from storage.database import open_writer, writing
from storage.links import FoundLink
from storage.records import Link, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

URL = "https://contoh.test/berita/1"


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    database = open_writer(home, "crawl")
    yield database
    database.close()


@pytest.fixture
def save(db: Database, now: datetime) -> Callable[..., int]:
    def save_page(link: int | None = None, **changes: Any) -> int:
        values: dict[str, Any] = {
            "url": URL,
            "source": "contoh",
            "status": 200,
            "fetched_at": now,
            "final_url": URL,
        }
        with writing(db):
            return pages.save_page(db, Page(**(values | changes)), link=link, round_id=1)

    return save_page


def test_a_body_comes_back_as_it_was_and_is_kept_once(
    db: Database, save: Callable[..., int]
) -> None:
    body = b"<html>\x00" + b"berita " * 5000
    save(body=body)
    save(url=URL + "/salinan", body=body)
    assert db.execute("SELECT count(*), sum(length(zstd)) < 1000 FROM bodies").fetchone() == (1, 1)
    page = pages.load_page(db, URL)
    assert page is not None
    assert page.body == body
    assert page.sha256 is not None
    assert pages.load_body(db, page.sha256) == body
    assert pages.load_body(db, "0" * 64) is None


def test_only_pages_with_a_body_go_to_the_reader_in_order_and_without_it(
    db: Database, save: Callable[..., int], now: datetime
) -> None:
    with writing(db):
        link = Link(url=URL, title="Judul", published_at=now)
        links.save_links(db, "contoh", [FoundLink(link=link, listing="x")], now=now, round_id=1)
    row = links.find_link(db, URL)
    assert row is not None
    first = save(body=b"satu", link=row.id)
    save(status=404)
    save(status=304)
    second = save(body=b"dua")
    listed = pages.pages_after(db, 0, 10)
    assert [page.id for page in listed] == [first, second]
    assert [page.body for page in listed] == [None, None]
    assert (listed[0].listed_title, listed[0].listed_at) == ("Judul", now)
    assert [page.id for page in pages.pages_after(db, first, 10)] == [second]
    assert len(pages.pages_after(db, 0, 1)) == 1


def test_the_newest_page_with_a_body_is_loaded(db: Database, save: Callable[..., int]) -> None:
    save(body=b"lama")
    save(body=b"baru")
    save(status=410)
    page = pages.load_page(db, URL)
    assert page is not None
    assert page.body == b"baru"
    assert pages.load_page(db, URL + "/lain") is None


def test_two_crawl_files_have_two_names(db: Database, tmp_path: Path) -> None:
    other_home = tmp_path / "lain"
    other_home.mkdir()
    other = open_writer(other_home, "crawl")
    assert pages.crawl_file_id(db) != pages.crawl_file_id(other)
    other.close()
