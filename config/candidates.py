"""`sources/candidates.csv` -> sites known from old lists only, which nobody watches yet."""

from __future__ import annotations

from typing import Any

from .import_list import read_source_list
from .tables import SHIPPED

CANDIDATES = SHIPPED / "sources" / "candidates.csv"


def load_candidates() -> list[dict[str, Any]]:
    """Load the candidates' rows: `url`, `name`, and what is known of region, family, network."""
    return read_source_list(CANDIDATES)
