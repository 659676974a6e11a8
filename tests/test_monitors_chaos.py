"""Forty kills, each at any moment of daemon and crawl: nothing lost, nothing twice, no orphan."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.chaos import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SEED = 20_260_304  # `make chaos KILLS=1000` draws another one each time


def test_after_forty_kills_every_article_of_the_web_is_stored_exactly_once(
    tmp_path: Path, child_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", child_environment["PYTHONPATH"])  # for the sample web
    # Forty kills want to be quick: four homes crowd the machine, so the ten seconds in which one
    # is to be back are `make chaos`'s to show.
    report = run(tmp_path, 40, SEED, child_environment, lanes=4, longest_back=40)
    sys.stdout.write(f"{report}\n")
    assert report.wrong == []
    assert report.daemons + report.crawls == 40
    assert min(report.daemons, report.crawls) >= 8
