"""Scrapy's settings as they act in a running crawl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storage.home import make_home
from tests.crawling import crawl, write_settings, write_source
from tests.web import Told, Web

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPECTED: dict[str, Any] = {
    "CONCURRENT_ITEMS": 4,
    "RETRY_TIMES": 1,
    "AUTOTHROTTLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "DOWNLOAD_MAXSIZE": 8 * 1024 * 1024,
    "DOWNLOAD_TIMEOUT": 20,
    "DNS_TIMEOUT": 10,
    "REDIRECT_MAX_TIMES": 5,
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "DOWNLOAD_DELAY_JITTER": 0,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "MEMUSAGE_LIMIT_MB": 456,
    "USER_AGENT": "Ronda/%s (+redaksi@contoh.test)",
}
COOKIE = "sesi=" + "x" * 3000


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture(scope="module")
def report(
    web: Web, tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("probe")
    home = make_home(folder / "home")
    write_settings(home)
    text = (home / "ronda.toml").read_text().replace("[crawl]", "[crawl]\nmemory_mb = 456", 1)
    (home / "ronda.toml").write_text('contact = "redaksi@contoh.test"\n' + text)
    write_source(home, "situs", web.url("www.situs.test"))
    entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(4)]
    web.feed("www.situs.test", entries)
    for path, _ in entries:
        headers = {"Set-Cookie": COOKIE}
        web.tell("www.situs.test", path, Told(body=b"<html>isi</html>", headers=headers))
    extensions = {
        "tests.probe.Probe": 1,
        "crawler.pace.PaceKeeper": 10,
        "crawler.stop.Stopper": 20,
    }
    told = folder / "told.json"
    crawled = crawl(
        home,
        child_environment,
        "-s",
        f"EXTENSIONS={json.dumps(extensions)}",
        PROBE_FILE=str(told),
        PROBE_SETTINGS=",".join(EXPECTED),
    )
    assert crawled.code == 0, crawled.log
    found: dict[str, Any] = json.loads(Path(told).read_text())
    return found


@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "USER_AGENT"])
def test_a_setting_is_as_the_design_says(report: dict[str, Any], name: str) -> None:
    assert report["settings"][name] == EXPECTED[name]


def test_the_operator_s_contact_goes_with_every_request(report: dict[str, Any], web: Web) -> None:
    agents = {one.headers["User-Agent"] for one in web.asked}
    assert agents == {report["settings"]["USER_AGENT"]}
    assert agents.pop().endswith(" (+redaksi@contoh.test)")


def test_one_request_per_slot_with_a_delay_and_a_hundred_in_all(report: dict[str, Any]) -> None:
    assert report["concurrency"] == 100
    [[concurrency, delay, jitter]] = report["slots"].values()
    assert (concurrency, jitter) == (1, 0)
    assert delay >= 0.02


def test_our_guards_stand_where_they_belong(report: dict[str, Any]) -> None:
    chain = report["middlewares"]
    order = ["AddressGuard", "CertificateGuard", "SlotGuard", "RobotsGuard", "RetryMiddleware"]
    order += ["EndingGuard", "ChallengeGuard", "MetaRefreshMiddleware"]
    order += [
        "HttpCompressionMiddleware",
        "TruncationGuard",
        "ValidatorGuard",
        "RedirectMiddleware",
    ]
    assert [one for one in chain if one in order] == order
    forbidden = {"RobotsTxtMiddleware", "CookiesMiddleware", "HttpProxyMiddleware"}
    assert not forbidden & set(chain)
    assert not {"OffsiteMiddleware", "HttpAuthMiddleware"} & set(chain)


def test_the_resolver_the_reactor_and_its_threads_are_ours(report: dict[str, Any]) -> None:
    assert report["resolver"] == "GuardedResolver"
    assert report["reactor"] == "AsyncioSelectorReactor"
    assert report["threads"] == 50


def test_only_http_can_be_fetched(report: dict[str, Any]) -> None:
    assert report["schemes"] == ["http", "https"]


def test_S06_nothing_listens_and_nothing_takes_commands(report: dict[str, Any]) -> None:
    assert report["listening"] == []
    assert not {"TelnetConsole", "RemoteControl", "AutoThrottle"} & set(report["extensions"])


def test_N37_cookies_are_neither_kept_nor_sent(report: dict[str, Any], web: Web) -> None:
    assert len(web.paths("www.situs.test")) == 5
    assert all("Cookie" not in one.headers for one in web.asked)
