"""Names for the crawl under test: look-ups in its threads are answered from FAKE_DNS, or hang.

`-s TWISTED_DNS_RESOLVER=tests.fake_dns.FakeResolver` puts it beneath the real, guarded resolver:
what is faked is the C library's look-up alone. FAKE_DNS is JSON: name -> answers, each call the
next one; the last stays; a number is a time in seconds after which the look-up fails.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time

from crawler.guards.addresses import GuardedResolver

_answers: dict[str, list[str | float]] = json.loads(os.environ.get("FAKE_DNS", "{}"))
_lock = threading.Lock()


def _look_up(name: str) -> str:
    with _lock:
        told = _answers.get(name.lower().rstrip("."))
        answer = None if told is None else told.pop(0) if len(told) > 1 else told[0]
    if isinstance(answer, str):
        return answer
    if answer is not None:
        time.sleep(answer)
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


socket.gethostbyname = _look_up


class FakeResolver(GuardedResolver):
    """The real one, over faked look-ups."""
