"""A source's file: what it may say, what is refused, what a home lays over the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from config.family import load_families
from config.source import Source, load_sources, registrable_host, write_source

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = 'name = "Kabar Musi"\nurl = "https://kabarmusi.test"\n'


def _put(home: Path, text: str, place: str = "sumatera-selatan/kabarmusi") -> Path:
    path = home / "sources" / f"{place}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _own(home: Path) -> tuple[dict[str, Source], list[ConfigError]]:
    return load_sources(home, shipped=False)


def test_two_lines_are_a_source(tmp_path: Path) -> None:
    path = _put(tmp_path, PLAIN)
    sources, errors = _own(tmp_path)
    assert errors == []
    assert sources["kabarmusi"] == Source(
        id="kabarmusi",
        name="Kabar Musi",
        url="https://kabarmusi.test/",
        province="sumatera-selatan",
        province_code="16",
        slot="kabarmusi.test",
        listings=("https://kabarmusi.test/feed/", "https://kabarmusi.test/"),
        declared=True,
        file=str(path),
    )


def test_every_key_is_taken_and_the_family_lies_under_it(tmp_path: Path) -> None:
    _put(
        tmp_path,
        PLAIN.replace("https", "http")
        + 'family = "tribun"\nnetwork = "jaringan"\nregion = "81.71"\nhosts = ["Kabar.Test"]\n'
        'listings = ["/rss", "https://feeds.test/kabar", "/rss"]\ntls = "lax"\n'
        '[article]\nskip = []\nbody = "div.isi > p"\n[pace]\nevery = "1h"\ndelay = "10s"\n',
        "maluku/kabarmusi",
    )
    source = _own(tmp_path)[0]["kabarmusi"]
    family = load_families(None)["tribun"].article
    assert source.listings == ("http://kabarmusi.test/rss", "https://feeds.test/kabar")
    assert (source.declared, source.slot, source.hosts) == (False, "jaringan", ("kabar.test",))
    assert (source.region, source.timezone, source.tls) == ("81.71", "WIT", "lax")
    assert source.article.only == family.only
    assert source.article.skip == ()
    assert (source.article.body, source.article.all_pages) == ("div.isi > p", "?page=all")
    assert (source.every, source.delay) == (3600.0, 10.0)


def test_addresses_with_a_port_keep_it(tmp_path: Path) -> None:
    _put(tmp_path, PLAIN.replace("https://kabarmusi.test", "http://KABARMUSI.test:8123/daerah"))
    source = _own(tmp_path)[0]["kabarmusi"]
    assert source.url == "http://kabarmusi.test:8123/daerah"
    assert source.listings[0] == "http://kabarmusi.test:8123/daerah/feed/"
    assert source.slot == "kabarmusi.test"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"', "url: missing"),
        ('url = "https://x.test"', "name: missing"),
        (PLAIN + 'famly = "tribun"', 'famly: unknown key, did you mean "family"?'),
        (PLAIN + 'family = "tribn"',
         'family: found "tribn", no such family, did you mean "tribun"?'),
        (PLAIN + 'listing = "kpkk"\nlistings = ["/x"]',
         'listing: found "kpkk", no such listing, did you mean "kpk"?'),
        (PLAIN + 'listing = "kpk"', "listings: missing"),
        (PLAIN + 'region = "32.71"',
         "Kota Bogor in Jawa Barat, but the folder is sumatera-selatan"),
        (PLAIN + 'region = "16.99"', 'region: found "16.99", no such code, did you mean "16.'),
        (PLAIN + 'listings = ["rss"]', 'listings: found "rss": an entry point is'),
        (PLAIN + 'listings = ["//other.test/rss"]', "listings: found"),
        (PLAIN + 'listings = ["ftp://x.test/rss"]', "listings: found"),
        (PLAIN + 'hosts = ["https://x.test"]', "hosts.0: found"),
        (PLAIN + 'network = "Tribun"', 'network: found "Tribun": a name is small letters'),
        (PLAIN + 'tls = "off"', 'tls: found "off"'),
        (PLAIN + '[article]\nonly = ["/[0-9]"]',
         'article.only.0: found "/[0-9]": [ has no place in a glob'),
        (PLAIN + '[article]\nonly = "/read/*"', "article.only: found"),
        (PLAIN + '[article]\nbody = "div["', 'article.body: found "div[": no CSS selector'),
        (PLAIN + '[article]\nall_pages = "page=all"', "article.all_pages: found"),
        (PLAIN + '[pace]\nevry = "1h"', 'pace.evry: unknown key, did you mean "every"?'),
        (PLAIN + '[pace]\ndelay = 0', "pace.delay: found 0"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = _put(tmp_path, text)
    sources, errors = _own(tmp_path)
    assert sources == {}
    assert len(errors) == 1
    assert str(errors[0]).startswith(f"{path}: ")
    assert said in str(errors[0])
    assert str(errors[0]).isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "", "kabarmusi.test", "ftp://kabarmusi.test/", "file:///etc/passwd", "javascript:alert(1)",
        "https://", "https:///x", "https://u:p@kabarmusi.test/", "https://@kabarmusi.test/",
        "https://kabar musi.test/", "https://kabarmusi.test:0/", "https://kabarmusi.test:99999/",
        "https://kabarmusi.test:x/", "https://[::1]/", "https://[::1/", "https://a..b/",
        "https://-a.test/", "https://kabar\\u00e9.test/", "https://a.test/\\n", "https://a_%41.test/",
        "https://" + "a" * 64 + ".test/", "https://a.test/" + "a" * 2048, "https://exa\\\\mple.test/",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_good_is_refused(tmp_path: Path, url: str) -> None:
    _put(tmp_path, f'name = "x"\nurl = "{url}"\n')
    sources, errors = _own(tmp_path)
    assert sources == {}
    assert ": url: found " in str(errors[0])
    assert "p@" not in str(errors[0])


def test_a_folder_that_is_no_province_is_named(tmp_path: Path) -> None:
    _put(tmp_path, PLAIN, "sumatra-selatan/kabarmusi")
    _put(tmp_path, PLAIN, "../sources/palembangpos")
    errors = " | ".join(str(one) for one in _own(tmp_path)[1])
    assert 'folder: "sumatra-selatan" is no province, did you mean "sumatera-selatan"?' in errors
    assert 'folder: "sources" is no province' in errors


def test_one_bad_file_never_stops_the_others(tmp_path: Path) -> None:
    _put(tmp_path, "name = ", "aceh/rusak")
    _put(tmp_path, PLAIN, "aceh/Nama Buruk")
    _put(tmp_path, PLAIN)
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "rusak.toml").write_text("nama = 1")
    sources, errors = load_sources(tmp_path)
    assert "kabarmusi" in sources
    assert len(sources) == len(load_sources(None)[0]) + 1
    assert sorted(str(one).removeprefix(f"{tmp_path}/") for one in errors) == [
        'families/rusak.toml: nama: unknown key, did you mean "name"?; name: missing',
        "sources/aceh/Nama Buruk.toml: a file's name is small letters, digits and hyphens",
        "sources/aceh/rusak.toml: line 1: Invalid value",
    ]


def test_a_homes_file_replaces_the_shipped_one_whole(tmp_path: Path) -> None:
    shipped = load_sources(None)[0]["prabumulihpos"]
    _put(tmp_path, PLAIN, "lampung/prabumulihpos")
    source = load_sources(tmp_path)[0]["prabumulihpos"]
    assert shipped.network == "disway"
    assert (source.network, source.province, source.name) == (None, "lampung", "Kabar Musi")


def test_a_homes_family_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "disway.toml").write_text('name = "Baru"\nlistings = ["/umpan"]\n')
    source = load_sources(tmp_path)[0]["prabumulihpos"]
    assert source.listings == ("https://prabumulihpos.bacakoran.co/umpan",)
    assert source.article.only == ()


def test_one_id_in_two_folders_is_an_error(tmp_path: Path) -> None:
    _put(tmp_path, PLAIN, "aceh/kabarmusi")
    _put(tmp_path, PLAIN)
    sources, errors = _own(tmp_path)
    assert sources["kabarmusi"].province == "aceh"
    assert "the id kabarmusi is taken by" in str(errors[0])


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("www.kpk.go.id", "kpk.go.id"), ("ppid.palembang.go.id", "palembang.go.id"),
        ("sumsel.tribunnews.com", "tribunnews.com"), ("kabar.blogspot.com", "kabar.blogspot.com"),
        ("a.b.kabarmusi.test", "kabarmusi.test"), ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"), ("desa.desa.id", "desa.desa.id"), ("WWW.X.CO.ID.", "x.co.id"),
    ],
)  # fmt: skip
def test_what_somebody_registered(host: str, registered: str) -> None:
    assert registrable_host(host) == registered


def test_a_written_source_is_loaded_as_it_was_given(tmp_path: Path) -> None:
    source = write_source(
        tmp_path, url="kabarmusi.com", name='Kabar "Musi"', region="Kota Palembang",
        family="wordpress", network="musi", listings=["/feed/"],
    )  # fmt: skip
    assert source.id == "kabarmusi"
    assert (source.province, source.region) == ("sumatera-selatan", "16.71")
    assert load_sources(tmp_path)[0]["kabarmusi"] == source
    assert source.name == 'Kabar "Musi"'
    assert [one.name for one in (tmp_path / "sources" / "sumatera-selatan").iterdir()] == [
        "kabarmusi.toml"
    ]


def test_an_address_alone_is_a_national_source(tmp_path: Path) -> None:
    source = write_source(tmp_path, url="https://www.kabarmusi.com")
    assert (source.province, source.name, source.declared) == ("nasional", "kabarmusi.com", True)


@pytest.mark.parametrize(
    "given",
    [
        {"url": "https://amperablitz.com"},
        {"url": "http://www.amperablitz.com/"},
        {"url": "https://kabarmusi.com", "id": "kpk"},
        {"url": "https://kabarmusi.com", "id": "../x"},
        {"url": "https://kabarmusi.com", "region": "Atlantis"},
        {"url": "https://kabarmusi.com", "family": "tribn"},
        {"url": "https://kabarmusi.com", "name": "a\nb"},
        {"url": "ftp://kabarmusi.com"},
        {"url": ""},
    ],
)
def test_a_source_that_cannot_be_is_not_written(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        write_source(tmp_path, **given)  # type: ignore[arg-type]  # all values are texts
    assert not (tmp_path / "sources").exists()


def test_a_file_that_somebody_wrote_is_never_overwritten(tmp_path: Path) -> None:
    path = _put(tmp_path, "rusak", "nasional/kabarmusi")
    with pytest.raises(ConfigError, match="exists already"):
        write_source(tmp_path, url="https://kabarmusi.com", existing={})
    assert path.read_text() == "rusak"
    assert [one.name for one in path.parent.iterdir()] == ["kabarmusi.toml"]


def test_ids_are_readable_and_never_the_same(tmp_path: Path) -> None:
    urls = [
        "https://kabar.com", "https://kabar.id", "https://kabar.co.id", "https://sumsel.kabar.com",
        "https://kabar.com/sumsel", "https://kabar.com/Sumsel/Kota", "http://kabar.com:81",
        "https://rri.co.id/palembang", "https://" + "a" * 60 + ".com", "https://xn--kbar-5qa.com",
    ]  # fmt: skip
    known: dict[str, Source] = {}
    for url in urls:
        source = write_source(tmp_path, url=url, existing=known)
        known[source.id] = source
    assert list(known)[:8] == [
        "kabar", "kabar-id", "kabar-co-id", "sumsel-kabar", "kabar-sumsel", "kabar-sumsel-kota",
        "kabar-com", "rri-palembang",
    ]  # fmt: skip
    assert len(known) == len(urls)
    assert load_sources(tmp_path, shipped=False) == (dict(sorted(known.items())), [])
