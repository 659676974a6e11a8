"""What the crawl noted of each source -> HealthReport: who fails, who is quiet, or is it us?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from config.region import load_regions
from monitors.digests.health_block import HealthReport, SourceLine
from storage.database import find_reader
from storage.source_state import states
from storage.sources import disabled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from config.source import Source
    from storage.source_state import SourceState

# A source that answers is quiet when it brings nothing new for so long.
QUIET_AFTER = timedelta(days=3)
# Reasons that our own uplink gives to every host alike; a 404 or a bad certificate is not one.
NETWORK = frozenset({"dns", "timeout", "refused", "unreachable", "connection_lost"})
# What was polled within this time of the newest poll is one look at the network.
ONE_LOOK = timedelta(minutes=30)
OFFLINE_SHARE = 0.8
FEWEST_HOSTS = 3


def source_health(
    home: Path, sources: Mapping[str, Source], now: datetime, *, test_network: bool = False
) -> HealthReport:
    """Report on the watched sources, from both databases as they are at this moment."""
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        known = states(crawl) if crawl else {}
        off = disabled(ronda) if ronda else set()
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()
    return judge_sources(
        {name: source for name, source in sources.items() if name not in off},
        known,
        now,
        disabled=len(off & set(sources)),
        test_network=test_network,
    )


def judge_sources(
    sources: Mapping[str, Source],
    known: Mapping[str, SourceState],
    now: datetime,
    *,
    disabled: int = 0,
    test_network: bool = False,
) -> HealthReport:
    """Sort sources that are on into well, failing, quiet and never reached."""
    failing, quiet, never = [], [], []
    checked = 0
    for name, source in sources.items():
        state = known.get(name)
        if state is None or state.polled_at is None:
            never.append(_line(source, None, None))
            continue
        checked += 1
        if state.failures:
            failing.append(_line(source, state.reason, state.ok_at))
        elif (since := _nothing_new_since(state)) and now - since > QUIET_AFTER:
            quiet.append(_line(source, None, since))
    watched = [state for name, state in known.items() if name in sources]
    return HealthReport(
        checked=checked,
        ok=checked - len(failing) - len(quiet),
        failing=tuple(failing),
        quiet=tuple(quiet),
        never=tuple(never),
        disabled=disabled,
        offline=_is_offline(watched),
        test_network=test_network,
    )


def _nothing_new_since(state: SourceState) -> datetime | None:
    """Give the moment of the last new link, or of the first contact: its list may be a dead one."""
    return state.new_link_at or state.first_contact_at


def _is_offline(known: Iterable[SourceState]) -> bool:
    """Say whether most hosts of the last look failed as they would if our own uplink were down.

    A host that shares its slot with others counts once, and answers where one of them did.
    """
    polled = [(state.polled_at, state) for state in known if state.polled_at is not None]
    if not polled:
        return False
    newest = max(moment for moment, _ in polled)
    silent: dict[str, bool] = {}
    for moment, state in polled:
        if newest - moment <= ONE_LOOK:
            fails = state.failures > 0 and state.reason in NETWORK
            silent[state.slot] = silent.get(state.slot, True) and fails
    return len(silent) >= FEWEST_HOSTS and sum(silent.values()) >= OFFLINE_SHARE * len(silent)


def _line(source: Source, reason: str | None, since: datetime | None) -> SourceLine:
    region = load_regions().get(source.province_code) if source.province_code else None
    return SourceLine(
        source=source.id,
        name=source.name,
        province=region.province if region else None,
        reason=reason,
        since=since,
    )
