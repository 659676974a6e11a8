"""Certificates are verified; a person may excuse one source's, and its pages bear the mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from config.source import load_sources
from crawler.reading.article import read_article
from storage import source_state
from storage.home import make_home
from storage.hosts import load_host
from storage.pages import load_page
from tests.crawling import Crawled, crawl, reading, write_settings, write_source
from tests.hostile import PATH, HostileSite, say
from tests.hostile_cases import FULL
from tests.make_certificates import Signed, serve_by_name, sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# host -> why it is refused (None: it is good), and whether its source is lax
HOSTS: dict[str, tuple[str | None, bool]] = {
    "baik": (None, False),
    "rantai": (None, False),
    "nama": ("wrong name", False),
    "basi": ("expired", False),
    "sendiri": ("self-signed", False),
    "asing": ("incomplete chain or unknown issuer", False),
    "buntung": ("incomplete chain or unknown issuer", False),
    "nama-maaf": ("wrong name", True),
    "basi-maaf": ("expired", True),
    "sendiri-maaf": ("self-signed", True),
    "buntung-maaf": ("incomplete chain or unknown issuer", True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The site, the home and what the crawl said."""

    site: HostileSite
    home: Path
    crawled: Crawled


def chains() -> tuple[Signed, dict[str, list[Signed]]]:
    """Give the trusted root, and each host's chain as its server shows it."""
    root = sign("Akar Uji", None, authority=True)
    stranger = sign("Akar Asing", None, authority=True)
    middle = sign("Antara Uji", root, authority=True)
    shown: dict[str, list[Signed]] = {}
    for name in HOSTS:
        host, kind = f"{name}.test", name.removesuffix("-maaf")
        shown[host] = {
            "baik": lambda host: [sign(host, root)],
            "rantai": lambda host: [sign(host, middle), middle],
            "nama": lambda host: [sign("lain.test", root)],
            "basi": lambda host: [sign(host, root, ended=True)],
            "sendiri": lambda host: [sign(host, None)],
            "asing": lambda host: [sign(host, stranger)],
            "buntung": lambda host: [sign(host, middle)],
        }[kind](host)
    return root, shown


@pytest.fixture(scope="module")
def scene(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("sertifikat")
    home = make_home(folder / "home")
    write_settings(home)
    root, shown = chains()
    (folder / "akar.pem").write_bytes(root.pem())
    site = HostileSite(serve_by_name(folder, shown))
    try:
        for name, (_, lax) in HOSTS.items():
            site.feed(f"{name}.test", PATH)
            site.set(f"{name}.test", PATH, say(FULL))
            more = 'listings = ["/feed/"]\n' + ('tls = "lax"\n' if lax else "")
            write_source(home, name, site.url(f"{name}.test"), more)
        crawled = crawl(home, child_environment, SSL_CERT_FILE=str(folder / "akar.pem"))
        assert crawled.code == 0, crawled.log[-3000:]
        yield Scene(site=site, home=home, crawled=crawled)
    finally:
        site.close()


@pytest.mark.parametrize("name", [name for name, (_, lax) in HOSTS.items() if not lax])
def test_N24_a_bad_certificate_is_refused_and_the_host_says_why(scene: Scene, name: str) -> None:
    why = HOSTS[name][0]
    url = scene.site.url(f"{name}.test", PATH)
    with reading(scene.home) as db:
        state = source_state.load_state(db, name)
        host = load_host(db, f"{name}.test:{scene.site.port}")
        page = load_page(db, url)
    assert state is not None
    assert host is not None
    assert state.reason == ("certificate" if why else None)
    assert host.certificate == why
    assert (page is None) is (why is not None)
    if page is not None:
        assert page.marks == ()


@pytest.mark.parametrize("name", [name for name, (_, lax) in HOSTS.items() if lax])
def test_N24_a_person_may_excuse_a_source_and_its_pages_bear_the_mark(
    scene: Scene, name: str
) -> None:
    with reading(scene.home) as db:
        page = load_page(db, scene.site.url(f"{name}.test", PATH))
    assert page is not None
    assert page.body is not None
    assert page.marks == ("lax_tls",)
    source = load_sources(scene.home, shipped=False)[0][name]
    article = read_article(page.body, page, source, now=datetime.now(UTC))
    assert "lax_tls" in article.marks


def test_N24_no_traceback_and_no_words_of_a_server_reach_the_log(scene: Scene) -> None:
    assert "Traceback" not in scene.crawled.log
