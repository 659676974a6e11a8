"""Settings, sources and topics -> words: what will run when, and what deserves a second look."""

from __future__ import annotations

import ipaddress
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from .cron_words import words_of_cron
from .region import NATIONAL
from .seconds import words_of_seconds
from .secret import MASK, readable_by_others
from .settings import AppriseChannel, EmailChannel, FileChannel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .monitor import Monitor
    from .region import Region
    from .secret import Secret
    from .settings import Channel, Settings
    from .source import Source


def explain_config(
    settings: Settings,
    sources: Mapping[str, Source],
    topics: Mapping[str, str],
    regions: Mapping[str, Region],
) -> list[str]:
    """Say what will run when, a line each; `topics` gives each topic's name by its id."""
    lines = [f"settings: {settings.file or 'as shipped, no ronda.toml in this home'}"]
    if settings.network.test_hosts:
        hosts = ", ".join(f"{name} -> {to}" for name, to in settings.network.test_hosts.items())
        lines.append(f"TEST NETWORK: {hosts}; what is read there is no news")
    lines += [*_source_lines(sources.values()), *_crawl_lines(settings)]
    lines += [f"topic {key}: {name}" for key, name in topics.items()] or ["topics: none"]
    for name, channel in settings.channels.items():
        lines.append(f"channel {name}: {words_of_channel(channel)}")
    for monitor in settings.monitors.values():
        lines.append(f"monitor {monitor.name}: {words_of_monitor(monitor, settings, regions)}")
    if not settings.monitors:
        lines.append("monitors: none, nothing will be told")
    return lines


def cautions(settings: Settings, home: Path | None) -> list[str]:
    """Name what works but should not stay so: open secrets, bare passwords, an open page."""
    found = []
    for name, channel in settings.channels.items():
        for key, secret in _secrets_of(channel):
            path = _secret_file(secret, home)
            if path is not None and readable_by_others(path):
                found.append(f"channels.{name}.{key}: {path} can be read by others; chmod 600 it")
        if isinstance(channel, EmailChannel) and channel.password and channel.security == "none":
            found.append(f"channels.{name}: the password travels unencrypted (security = none)")
    if not _is_here(settings.page.host):
        found.append(f"page.host: {settings.page.host} is open to others, and has no login yet")
    used = {name for monitor in settings.monitors.values() for name in monitor.channels}
    found += [f"channels.{name}: no monitor uses it" for name in settings.channels.keys() - used]
    return found


def words_of_channel(channel: Channel) -> str:
    """Describe a way out without any secret."""
    if isinstance(channel, FileChannel):
        return f"files in {channel.folder or 'digests/ of the home'}"
    if isinstance(channel, EmailChannel):
        login = f", as {channel.user} with password {MASK}" if channel.user else ", no login"
        to = ", ".join(channel.to)
        server = f"{channel.host}:{channel.port} ({channel.security})"
        return f"e-mail from {channel.sender} to {to} by {server}{login}"
    if isinstance(channel, AppriseChannel):
        return f"Apprise address {MASK} (from {channel.url.origin})"
    assert_never(channel)


def words_of_monitor(monitor: Monitor, settings: Settings, regions: Mapping[str, Region]) -> str:
    """Say what a monitor tells, when and by which ways."""
    names = [regions[code].official_name for code in monitor.regions if code in regions]
    when = f"{words_of_cron(monitor.cron)} {monitor.timezone}"
    language = {"id": "Bahasa Indonesia", "en": "English"}[monitor.language or settings.language]
    where = ", ".join(names) or "all regions"
    told = f"{when}, {', '.join(monitor.topics)} ({' or '.join(monitor.levels)}), {where}"
    ways = ", ".join(monitor.channels) or "the page alone"
    at_once = "" if monitor.at_once == "off" else f"; at once where {monitor.at_once}"
    return f"{told}, in {language}, by {ways}{at_once}"


def _source_lines(sources: Iterable[Source]) -> list[str]:
    sources = list(sources)
    if not sources:
        return ["sources: none, nothing will be read"]
    provinces = Counter(one.province for one in sources)
    national = provinces.pop(NATIONAL, 0)
    lines = [f"sources: {len(sources)} in {len(provinces)} provinces, {national} of them national"]
    lines.append(f"sources by province: {_counted(Counter(one.province for one in sources))}")
    lines.append(f"sources by family: {_counted(Counter(one.family or '-' for one in sources))}")
    lines.append(f"sources by network: {_counted(Counter(one.network or '-' for one in sources))}")
    given = sum(not one.declared for one in sources)
    lines.append(
        f"entry points: given for {given}; {len(sources) - given} use their family's usual ones "
        "and what their front page declares"
    )
    return lines


def _crawl_lines(settings: Settings) -> list[str]:
    crawl, pace = settings.crawl, settings.pace
    first = crawl.first_contact
    newest = "all its articles" if first == "all" else f"its newest {first} articles"
    contact = f"with contact {settings.contact}" if settings.contact else "without contact address"
    return [
        f"pace: each source every {words_of_seconds(pace.every)}, one request at a time in a "
        f"network, at least {words_of_seconds(pace.delay)} apart; {contact}",
        f"first contact with a source: {newest}",
        f"a crawl process ends after {crawl.pages:,} pages, {crawl.minutes:g} minutes, "
        f"{crawl.memory_mb:,} MB or {words_of_seconds(crawl.idle_seconds)} with nothing due",
        f"reading: {settings.reading.workers} processes; a page may take "
        f"{words_of_seconds(settings.reading.seconds)} and {settings.reading.memory_mb:,} MB",
        f"page: http://{settings.page.host}:{settings.page.port}/",
    ]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _secrets_of(channel: Channel) -> list[tuple[str, Secret]]:
    if isinstance(channel, AppriseChannel):
        return [("url", channel.url)]
    if isinstance(channel, EmailChannel) and channel.password is not None:
        return [("password", channel.password)]
    return []


def _secret_file(secret: Secret, home: Path | None) -> Path | None:
    kind, _, place = secret.origin.partition(":")
    if kind != "file":
        return None
    path = Path(place).expanduser()
    return path if path.is_absolute() or home is None else home / path


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
