"""Extensions for the crawl under test: one tells its peak memory, one makes it eat."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals

import crawler.answers

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

OURS = {"crawler.pace.PaceKeeper": 10, "crawler.stop.Stopper": 20}


def with_extensions(*names: str) -> tuple[str, str]:
    """Give the arguments that add these classes of this module to a crawl."""
    added = {f"tests.crawl_extensions.{name}": 1 for name in names}
    return "-s", f"EXTENSIONS={json.dumps({**OURS, **added})}"


class Peak:
    """Writes the process's peak memory, in MiB, into PEAK_FILE when it ends: resident, reserved."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the end."""
        peak = cls()
        # 5 sets the kernel's own peak back: it may be that of the process which started this one.
        Path("/proc/self/clear_refs").write_text("5")
        crawler.signals.connect(peak.tell, signal=signals.engine_stopped)
        return peak

    def tell(self) -> None:
        """Write it."""
        lines = Path("/proc/self/status").read_text().splitlines()
        resident = next(int(one.split()[1]) for one in lines if one.startswith("VmHWM")) / 1024
        reserved = next(int(one.split()[1]) for one in lines if one.startswith("VmPeak")) / 1024
        Path(os.environ["PEAK_FILE"]).write_text(json.dumps([resident, reserved]))


class Hog:
    """Makes the reading of every answer of a host named `rakus` take 3 GiB."""

    @classmethod
    def from_crawler(cls, _: Crawler) -> Self:
        """Put the hog in the way."""
        judge = crawler.answers.page_problem

        def eat(response: Any, fetch: Any) -> str | None:
            if "rakus" in response.url:
                len(bytearray(3 << 30))
            return judge(response, fetch)

        crawler.answers.page_problem = eat
        return cls()
