"""`ronda round` as a process over the sample web: what it asks for, it asks for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitors.demo.home import write_demo_home
from monitors.demo.server import serving
from monitors.demo.sites import make_sites
from monitors.demo.web import SampleWeb
from tests.running import ronda

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def test_a_round_asks_for_each_address_once(
    home: Path, now: datetime, child_environment: dict[str, str]
) -> None:
    with serving(lambda port: SampleWeb(now=now, port=port, sites=12, articles=20)) as server:
        sites = make_sites(server.web.port, 12)
        write_demo_home(home, server.web.port, now, every="24h", sites=sites)
        with (home / "ronda.toml").open("a") as settings:
            settings.write("[reading]\nworkers = 1\n")
        done = ronda("round", "--wait", home=home, environment=child_environment)
        assert done.returncode == 0, done.stderr
        # One reader is slower than the fetching; a second crawl process would poll all anew.
        again = {key: count for key, count in server.requests.items() if count > 1}
        assert len(server.requests) > 200
        assert again == {}
