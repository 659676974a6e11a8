"""`ronda sources`: choosing, coverage, export; what is exported can be imported elsewhere."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from config.export_list import is_feed
from config.import_list import read_source_list
from config.source import load_sources, write_source
from monitors.commands.app import run_app
from monitors.commands.chain import explain_address
from monitors.commands.coverage import coverage_rows, uncovered
from monitors.commands.sources import source_rows
from monitors.loaded import load_config
from storage import source_state
from storage.database import open_writer, writing
from storage.sources import learn_entry_point, switch

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from config.source import Source

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def own(home: Path) -> Path:
    """A home that watches its own four sources alone."""
    (home / "ronda.toml").write_text("[sources]\nshipped = false\n")
    given: dict[str, dict[str, Any]] = {
        "https://kabarmusi.test/": {"region": "16.71", "family": "wordpress", "network": "musi"},
        "https://suaraogan.test/": {"region": "16", "listings": ["/sitemap.xml"]},
        "https://gayo.test/": {"province": "aceh", "listings": ["/rss"]},
        "https://ibukota.test/": {},
    }
    for url, more in given.items():
        name = url[8:-6]
        write_source(home, url=url, name=f'{name} & "Co"', id=name, existing={}, **more)
    return home


def _list(capsys: Capture, home: Path, *options: str, code: int = 0) -> Any:
    assert run_app(["sources", "list", "--json", "--home", str(home), *options]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["gayo", "ibukota", "kabarmusi", "suaraogan"]),
        (["--province", "sumatera-selatan"], ["kabarmusi", "suaraogan"]),
        (["--province", "Sumatera Selatan", "--family", "wordpress"], ["kabarmusi"]),
        (["--province", "16.71"], ["kabarmusi"]),
        (["--province", "nasional"], ["ibukota"]),
        (["--network", "musi"], ["kabarmusi"]),
        (["--network", "-"], ["gayo", "ibukota", "suaraogan"]),
        (["--state", "new", "--province", "11"], ["gayo"]),
        (["--state", "failing"], []),
    ],
)
def test_sources_are_chosen(
    own: Path, capsys: Capture, options: list[str], found: list[str]
) -> None:
    assert sorted(row["source"] for row in _list(capsys, own, *options)) == found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--province", "sumatra-selatan"], "sumatra-selatan"),
        (["--network", "mussi"], 'did you mean "musi"?'),
        (["--family", "wordpres"], 'did you mean "wordpress"?'),
    ],
)
def test_a_word_that_names_nothing_is_one_line(
    own: Path, capsys: Capture, options: list[str], said: str
) -> None:
    assert run_app(["sources", "list", "--home", str(own), *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1


def test_coverage_names_the_provinces_where_nothing_works(
    own: Path, capsys: Capture, now: datetime
) -> None:
    crawl = open_writer(own, "crawl")
    with writing(crawl):
        source_state.meet_sources(crawl, {"kabarmusi": "musi", "suaraogan": "s", "gayo": "g"}, now)
        crawl.execute("UPDATE source_state SET polled_at = 1, failures = 0, ok_at = 1")
        crawl.execute("UPDATE source_state SET failures = 3 WHERE source IN ('gayo', 'suaraogan')")
    crawl.close()
    ronda = open_writer(own, "ronda")
    with writing(ronda):
        switch(ronda, "ibukota", False, now, "test")
    ronda.close()

    told = _list(capsys, own, "--coverage")
    by_place = {row["province"]: row for row in told["provinces"]}
    assert len(by_place) == 39
    south = by_place["sumatera-selatan"]
    assert (south["sources"], south["working"], south["failing"], south["new"]) == (2, 1, 1, 0)
    assert by_place["nasional"]["off"] == 1
    assert by_place["aceh"]["candidates"] == 7
    assert "sumatera-selatan" not in told["without_working_source"]
    assert {"aceh", "papua"} <= set(told["without_working_source"])
    assert told["not_asked_yet"] == []
    assert len(told["without_working_source"]) == 37


def test_a_fresh_home_has_not_asked_yet(home: Path) -> None:
    table = coverage_rows(source_rows(home, load_sources(None)[0]))
    assert sum(row["sources"] for row in table) == len(load_sources(None)[0])
    assert len(uncovered(table)["not_asked_yet"]) == 38
    assert uncovered(table)["without_working_source"] == []


def test_what_opml_exports_is_imported_elsewhere(
    own: Path, capsys: Capture, tmp_path: Path, now: datetime
) -> None:
    ronda = open_writer(own, "ronda")
    with writing(ronda):
        learn_entry_point(ronda, "ibukota", "https://ibukota.test/umpan.php", "feed", now)
    ronda.close()
    assert run_app(["sources", "export", "--home", str(own)]) == 0
    text = capsys.readouterr().out
    feeds = {one.get("htmlUrl"): one.get("xmlUrl") for one in ElementTree.fromstring(text).iter()}
    assert feeds["https://kabarmusi.test/"] == "https://kabarmusi.test/feed/"
    assert feeds["https://gayo.test/"] == "https://gayo.test/rss"
    assert feeds["https://ibukota.test/"] == "https://ibukota.test/umpan.php"
    assert feeds["https://suaraogan.test/"] is None

    fresh = _imported(text, tmp_path)
    for source in load_sources(own, shipped=False)[0].values():
        again = fresh[source.url]
        assert (again.name, again.province, again.region) == (
            source.name, source.province, source.region
        )  # fmt: skip


def test_what_csv_exports_is_imported_elsewhere(own: Path, capsys: Capture, tmp_path: Path) -> None:
    assert run_app(["sources", "export", "--format", "csv", "--home", str(own)]) == 0
    fresh = _imported(capsys.readouterr().out, tmp_path)
    for source in load_sources(own, shipped=False)[0].values():
        assert fresh[source.url] == replace(
            source, id=fresh[source.url].id, file=fresh[source.url].file
        )


def _imported(text: str, folder: Path) -> dict[str, Source]:
    file, home = folder / "list", folder / "other"
    file.write_text(text)
    for row in read_source_list(file):
        write_source(home, existing={}, **row)
    return {source.url: source for source in load_sources(home, shipped=False)[0].values()}


def test_the_shipped_catalogue_is_exported_whole(home: Path, capsys: Capture) -> None:
    shipped = load_sources(None)[0]
    assert run_app(["sources", "export", "--home", str(home)]) == 0
    outlines = list(ElementTree.fromstring(capsys.readouterr().out).iter("outline"))
    assert {one.get("htmlUrl") for one in outlines if one.get("htmlUrl")} == {
        one.url for one in shipped.values()
    }
    assert run_app(["sources", "export", "--format", "csv", "--home", str(home)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["id"] for row in rows if row["province"] == "aceh"][:2] == [
        "antara-aceh",
        "dialeksis",
    ]
    assert len(rows) == len(shipped)


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(home: Path, capsys: Capture) -> None:
    (home / "ronda.toml").write_text("[sources]\nshipped = false\n")
    write_source(home, url="https://a.test/", name='=HYPERLINK("x")', existing={})
    assert run_app(["sources", "export", "--format", "csv", "--home", str(home)]) == 0
    row = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert row["name"] == '\'=HYPERLINK("x")'


def test_show_tells_learned_entry_points(own: Path, capsys: Capture, now: datetime) -> None:
    ronda = open_writer(own, "ronda")
    with writing(ronda):
        learn_entry_point(ronda, "gayo", "https://gayo.test/umpan", "feed", now)
    ronda.close()
    assert run_app(["sources", "show", "gayo", "--home", str(own)]) == 0
    assert re.search(r"(?m)^learned +.*https://gayo\.test/umpan", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("https://a.test/feed/", True), ("https://a.test/rss", True),
        ("https://a.test/rss/terkini.xml", True), ("https://a.test/index.php?mib=rss", True),
        ("https://a.test/feeds/posts/default", True), ("https://a.test/berita.rss", True),
        ("https://a.test/", False), ("https://a.test/sitemap.xml", False),
        ("https://feed.test/wp-json/wp/v2/posts", False), ("https://a.test/pressrelease", False),
    ],
)  # fmt: skip
def test_a_feed_is_told_by_its_address(url: str, feed: bool) -> None:
    assert is_feed(url) is feed


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://www.detik.com/jatim/berita/d-8181892/rakor", "detik-jatim"),
        ("https://www.detik.com/jogja/berita/d-8181892/rakor", "detik-jogja"),
        ("https://rri.co.id/ambon/daerah/1345901/rakor", "rri-ambon"),
        ("https://rri.co.id/padang/daerah/1345901/rakor", "rri"),
    ],
)
def test_explain_names_the_section_whose_article_it_is(
    home: Path, now: datetime, url: str, source: str
) -> None:
    steps = explain_address(home, load_config(home, secrets=False), url, now)
    assert steps[1].detail[0].startswith(f"{source},")
