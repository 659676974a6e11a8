"""What every test shares: a closed door, a home made once and copied, a fixed clock."""

from __future__ import annotations

import importlib.util
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storage.database import open_writer
from storage.home import make_home
from storage.records import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TESTS = Path(__file__).parent
CLOSED = TESTS / "closed"
_spec = importlib.util.spec_from_file_location("closed_door", CLOSED / "sitecustomize.py")
assert _spec is not None
assert _spec.loader is not None
closed_door = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(closed_door)

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_leaves_the_house() -> Iterator[None]:
    closed_door.left_house.clear()
    yield
    assert not closed_door.left_house, f"left the machine: {closed_door.left_house}"


@pytest.fixture(scope="session")
def child_environment() -> dict[str, str]:
    """Environment for child processes: same closed door, warnings as errors."""
    root = str(TESTS.parent)
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(CLOSED), root]),
        "PYTHONWARNINGS": "error,ignore:'imghdr' is deprecated:DeprecationWarning",
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_home(tmp_path_factory.mktemp("migrated") / "home")
    for name in ("crawl", "ronda"):
        open_writer(home, name).close()  # type: ignore[arg-type]  # both are file names
    return home


@pytest.fixture
def home(tmp_path: Path, _migrated: Path) -> Path:
    """A home with both databases migrated and empty."""
    target = tmp_path / "home"
    shutil.copytree(_migrated, target)
    return target


@pytest.fixture
def now() -> datetime:
    """The tests' fixed clock: 4 March 2026, 09.00 WIB."""
    return NOW


@pytest.fixture
def make_article() -> Callable[..., Article]:
    """Give a function that builds an article with the changes asked for."""

    def make(**changes: Any) -> Article:
        values: dict[str, Any] = {
            "url": "https://contoh.test/berita/1",
            "source": "contoh",
            "title": "Bupati Hadiri Rakor Pencegahan Korupsi Bersama KPK",
            "text": "Bupati menghadiri rapat koordinasi pencegahan korupsi bersama KPK.",
            "published_at": NOW,
            "precision": "minute",
            "fetched_at": NOW,
        }
        return Article(**(values | changes))

    return make
