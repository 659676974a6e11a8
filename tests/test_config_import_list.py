"""Lists of sites from elsewhere: CSV, JSON, JSON lines, plain text; base addresses are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError
from config.import_list import read_source_list
from config.source import write_source

if TYPE_CHECKING:
    from pathlib import Path

A, B = "https://kabarmusi.test/", "https://suara.test/"


def _read(home: Path, text: str) -> list[dict[str, Any]]:
    path = home / "list.txt"
    path.write_text(text)
    return read_source_list(path)


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}\n",
        "# ours\n\nkabarmusi.test\n  suara.test  \nkabarmusi.test\n",
        f"url\n{A}\n{B}\n",
        f'\ufeffurl,note\r\n{A},"a,\nb"\r\n{B},\r\n',
        "name;homepage_url\n;kabarmusi.test\n;suara.test\n",
        f"Domain\tx\n{A}\t1\n{B}\t2\n",
        f'["{A}", "suara.test"]',
        f'[{{"url": "{A}"}}, {{"URL": "{B}", "x": [1]}}]',
        f'{{"sources": ["{A}", "{B}"], "made": 2026}}',
        f'{{"url": "{A}"}}\n{{"url": "{B}"}}\n',
        f"{A},Kabar Musi\n{B},Suara\n",
    ],
)
def test_addresses_are_read_from_any_usual_list(tmp_path: Path, text: str) -> None:
    assert [row["url"] for row in _read(tmp_path, text)] == [A, B]


def test_what_else_is_known_comes_along_and_foreign_columns_do_not(tmp_path: Path) -> None:
    text = (
        "id,name,homepage_url,province_code,family,network,notes\n"
        "1,Kabar Musi,kabarmusi.test,16,wordpress,,x\n"
        "2,,suara.test,,,suara,\n"
    )
    assert _read(tmp_path, text) == [
        {"url": A, "name": "Kabar Musi", "region": "16", "family": "wordpress"},
        {"url": B, "network": "suara"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no addresses"),
        ("url\n", "holds no addresses"),
        (f'["{A}", 5]', "item 2: neither"),
        ('["a.test",\n"b.test"', "line 2: no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[" + "9" * 5000 + "]", "no JSON"),
        ('url\n"a.test', "line 2: no CSV"),
        ("url\n" + "a" * 200_000, "no CSV"),
        ("not an address\n", "line 1: url: found"),
        ("{}", "item 1: url: found"),
    ],
)
def test_what_is_no_list_of_addresses_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _read(tmp_path, text)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'list.txt'}: ")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        (f"{A}\nftp://x.test\n{B}\n", {"url": "ftp://x.test"}),
        (f"url,name\n{A},a\n,b\n{B},\n", {"url": "", "name": "b"}),
        (f'["{A}", {{"name": "x"}}, "{B}"]', {"url": "", "name": "x"}),
        (f"not an address\n{A}\n{B}\n", {"url": "not an address"}),
    ],
)
def test_a_line_without_an_address_stops_no_other(
    tmp_path: Path, text: str, bad: dict[str, str]
) -> None:
    rows = _read(tmp_path, text)
    assert bad in rows
    assert [row["url"] for row in rows if row != bad] == [A, B]
    with pytest.raises(ConfigError):
        write_source(tmp_path, **bad)  # type: ignore[arg-type]  # as the order calls it


OPML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- ours --><opml version="1.0"><head><title>x</title></head><body>
<outline text="Sumatera Selatan">
  <outline text="Kabar  Musi" type="rss" xmlUrl="https://kabarmusi.test/feed/"
    htmlUrl="kabarmusi.test" category="/berita,/16.71"/>
  <outline title="Kabar Musi, daerah" XMLURL="https://kabarmusi.test/daerah/feed/"
    htmlurl="https://kabarmusi.test/"/>
</outline>
<outline text="Lain"><outline text="only a note"/>
  <outline xmlUrl="https://suara.test/umpan?x=1&amp;y=2"/></outline>
</body></opml>
"""


def test_opml_gives_sites_with_their_feeds_and_places(tmp_path: Path) -> None:
    assert _read(tmp_path, OPML) == [
        {
            "url": A, "name": "Kabar Musi", "region": "16.71",
            "listings": ["https://kabarmusi.test/feed/", "https://kabarmusi.test/daerah/feed/"],
        },
        {"url": B, "listings": ["https://suara.test/umpan?x=1&y=2"]},
    ]  # fmt: skip


def test_listings_of_csv_and_json_come_along(tmp_path: Path) -> None:
    wanted = [{"url": A, "listings": ["/rss", "https://b.test/rss"]}]
    assert _read(tmp_path, f"url,listings\n{A},/rss https://b.test/rss\n") == wanted
    assert (
        _read(tmp_path, f'[{{"url": "{A}", "listings": ["/rss", "https://b.test/rss"]}}]') == wanted
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE opml [<!ENTITY a "aaaa">]><opml><body><outline htmlUrl="&a;"/></body></opml>',
         "DOCTYPE"),
        ('<?xml version="1.0"?>\n<!doctype x SYSTEM "file:///etc/passwd"><opml/>', "DOCTYPE"),
        ("<html><body>x</body></html>", "no OPML, its root is html"),
        ("<opml><body><outline", "no OPML"),
        ("<opml>" + "<outline>" * 100_000, "no OPML"),
        ('<opml><body><outline htmlUrl="&bom;"/></body></opml>', "no OPML"),
        ("<opml><body/></opml>", "holds no addresses"),
        ('<opml><body>\n<outline htmlUrl="javascript:alert(1)"/></body></opml>', "line 2: url"),
        ('<opml><body><outline xmlUrl="file:///etc/passwd"/></body></opml>', "line 1: url"),
    ],
)  # fmt: skip
def test_hostile_opml_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _read(tmp_path, text)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
