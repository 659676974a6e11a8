"""config/ronda.toml, and the home's ronda.toml laid on top of it key by key -> Settings."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

from .addresses import check_host
from .channels import AppriseChannel, Channel, EmailChannel, FileChannel, Server
from .errors import ConfigError
from .monitor import Level, Monitor
from .rules import as_tuple, says
from .seconds import Seconds
from .secret import Secret
from .tables import LARGE_FILE, NAME, SHIPPED, Table, build, nearest, quoted, read_toml, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .region import Region

__all__ = [
    "AppriseChannel", "Channel", "EmailChannel", "FileChannel", "Level", "Monitor", "Secret",
    "Settings", "load_settings", "settings_problems",
]  # fmt: skip

FILE_NAME = "ronda.toml"
Count = Annotated[int, Field(ge=1, le=10_000_000)]


def _check_first_contact(value: object) -> object:
    if value == "all" or (type(value) is int and 1 <= value <= 1_000_000):
        return value
    message = f'found {quoted(value)}: a count from 1 or "all"'
    raise PydanticCustomError("said", "{message}", {"message": message})


FirstContact = Annotated[int | Literal["all"], PlainValidator(_check_first_contact)]
Megabytes = Annotated[int, Field(ge=64, le=1_048_576)]


class CrawlSettings(Table):
    """[crawl]: how much one crawl process does before the next one starts."""

    first_contact: FirstContact = 10
    pages: Count = 5000
    minutes: Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False)] = 10.0
    source_pages: Count = 200
    idle_seconds: Seconds = 60.0
    memory_mb: Megabytes = 700


class PaceSettings(Table):
    """[pace]: how gently hosts are treated, for every source that gives no pace of its own."""

    delay: Annotated[Seconds, Field(gt=0, le=3600)] = 2.0
    every: Annotated[Seconds, Field(gt=0)] = 900.0


class SourcesSettings(Table):
    """[sources]: which sources are watched."""

    shipped: bool = True


class ReadingSettings(Table):
    """[reading]: the processes that turn pages into articles."""

    workers: Annotated[int, Field(ge=1, le=64)] = 2
    seconds: Annotated[Seconds, Field(gt=0, le=600)] = 10.0
    memory_mb: Megabytes = 1024


class PageSettings(Table):
    """[page]: where the review page listens; port 0 lets the system choose."""

    host: Server = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8787


def _check_test_hosts(hosts: dict[str, str]) -> dict[str, str]:
    for glob, address in hosts.items():
        try:
            check_host(glob.removeprefix("*."))
            if not ipaddress.IPv4Address(address).is_loopback:
                raise ValueError("not a loopback address")
        except ValueError:
            message = f'found {quoted(glob)} = {quoted(address)}; write "*.test" = "127.0.0.1"'
        else:
            continue
        raise PydanticCustomError("said", "{message}", {"message": message})
    return hosts


class NetworkSettings(Table):
    """[network]: names that resolve to this machine, where not empty TEST NETWORK; more ports."""

    test_hosts: Annotated[dict[str, str], AfterValidator(_check_test_hosts)] = Field(
        default_factory=dict
    )
    ports: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65535)], ...],
        BeforeValidator(as_tuple),
        Field(max_length=50),
    ] = ()


def _check_contact(value: str) -> None:
    if not value.isascii() or not value.isprintable():
        raise ValueError("ASCII on one line, it is sent with every request")


class Settings(Table):
    """Everything in ronda.toml; `file` is the home's own file where there is one."""

    contact: Annotated[str, Field(max_length=200), AfterValidator(says(_check_contact))] = ""
    language: Literal["id", "en"] = "id"
    keep_text: Literal["all", "matched"] = "all"
    crawl: CrawlSettings = Field(default_factory=CrawlSettings)
    pace: PaceSettings = Field(default_factory=PaceSettings)
    sources: SourcesSettings = Field(default_factory=SourcesSettings)
    network: NetworkSettings = Field(default_factory=NetworkSettings)
    reading: ReadingSettings = Field(default_factory=ReadingSettings)
    page: PageSettings = Field(default_factory=PageSettings)
    channels: dict[str, Channel] = Field(default_factory=dict)
    monitors: dict[str, Monitor] = Field(default_factory=dict)
    file: Path | None = None


def load_settings(home: Path | None, *, secrets: bool = True) -> Settings:
    """Load the shipped settings with the home's on top; raises ConfigError naming file and key.

    `secrets=False` leaves secrets unread, for commands that send nothing: `reveal` then raises.
    """
    shipped = SHIPPED / FILE_NAME
    data = read_toml(shipped, limit=LARGE_FILE)
    own = None if home is None else home / FILE_NAME
    if own is not None and own.exists():
        data = _merge(data, read_toml(own, limit=LARGE_FILE))
    else:
        own = None
    return read_settings(data, own or shipped, folder=home, secrets=secrets, own=own)


def read_settings(
    data: dict[str, Any],
    file: Path,
    *,
    folder: Path | None = None,
    secrets: bool = True,
    own: Path | None = None,
) -> Settings:
    """Check merged settings; `folder` is where a secret's relative path starts."""
    if "file" in data:
        raise ConfigError(f"{shown(file)}: file: unknown key{nearest('', _keys())}")
    data = {**data, "file": own}
    for kind in ("channels", "monitors"):
        if isinstance(data.get(kind), dict):
            data[kind] = _named(data[kind], kind, file)
    settings = build(Settings, data, file=file, context={"folder": folder, "secrets": secrets})
    for name, monitor in settings.monitors.items():
        for channel in monitor.channels:
            if channel not in settings.channels:
                hint = nearest(channel, settings.channels)
                raise ConfigError(
                    f"{shown(file)}: monitors.{name}.channels: found {quoted(channel)}, "
                    f"no such channel{hint}"
                )
    return settings


def settings_problems(
    settings: Settings, topics: Iterable[str], regions: Mapping[str, Region]
) -> list[str]:
    """Name what monitors ask for and nobody knows: topics, regions."""
    topics = list(topics)
    file = shown(settings.file or SHIPPED / FILE_NAME)
    problems = []
    for name, monitor in settings.monitors.items():
        for key, found, known in [
            *(("topics", one, topics) for one in monitor.topics),
            *(("regions", one, list(regions)) for one in monitor.regions),
        ]:
            if found not in known:
                hint = nearest(found, known)
                problems.append(
                    f"{file}: monitors.{name}.{key}: found {quoted(found)}, "
                    f"no such {key.removesuffix('s')}{hint}"
                )
    return problems


def _merge(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Lay one table over another key by key; a channel of another kind replaces the whole table."""
    if "kind" in over and over["kind"] != under.get("kind", over["kind"]):
        return over
    merged = dict(under)
    for key, value in over.items():
        below = under.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merge(below, value) if both else value  # type: ignore[arg-type]  # dicts
    return merged


def _named(tables: dict[str, Any], kind: str, file: Path) -> dict[str, Any]:
    """Drop what is switched off by `name = false`, and tell each monitor its name."""
    named = {}
    for name, table in tables.items():
        key = f"{shown(file)}: {kind}.{quoted(name)[1:-1]}"
        if not NAME.fullmatch(name):
            raise ConfigError(f"{key}: a name is small letters, digits and hyphens")
        if table is False:
            continue
        if not isinstance(table, dict):
            raise ConfigError(f"{key}: found {quoted(table)}; a table or false")
        if kind == "monitors":
            if "name" in table:
                raise ConfigError(f"{key}.name: unknown key, the table's own name is the name")
            table = {**table, "name": name}
        named[name] = table
    return named


def _keys() -> list[str]:
    return [key for key in Settings.model_fields if key != "file"]
