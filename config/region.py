"""`regions.csv` -> Region; codes and names follow the Kemendagri decree of 2025."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A province, kabupaten or kota with the names that the press gives it.

    `ambiguity` is free text where a bare name does not decide; `timezone` is WIB, WITA or WIT.
    """

    code: str
    level: Literal["provinsi", "kabupaten/kota"]
    official_name: str
    type: str
    short_name: str
    province_code: str
    province: str
    aliases: tuple[str, ...]
    ambiguity: str
    korsup_wilayah: str
    timezone: str
