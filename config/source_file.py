"""A source's file as people write it: its keys and what each of them allows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from .addresses import check_address, check_host
from .rules import ArticleTable, Line, Short, as_tuple, says
from .seconds import Seconds
from .tables import NAME, Table


def _check_name(value: str) -> None:
    if not NAME.fullmatch(value):
        raise ValueError("a name is small letters, digits and hyphens")


Id = Annotated[Short, AfterValidator(says(_check_name))]
Address = Annotated[str, AfterValidator(says(check_address))]
Host = Annotated[Short, AfterValidator(says(check_host))]


class PaceTable(Table):
    """[pace] of a source's file."""

    every: Annotated[Seconds, Field(gt=0)] | None = None
    delay: Annotated[Seconds, Field(gt=0, le=3600)] | None = None


class SourceFile(Table):
    """A source's file as it is written."""

    name: Line
    url: Address
    family: Id | None = None
    network: Id | None = None
    region: Short | None = None
    listings: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(max_length=50)] = ()
    hosts: Annotated[tuple[Host, ...], BeforeValidator(as_tuple), Field(max_length=50)] = ()
    listing: Short | None = None
    tls: Literal["strict", "lax"] = "strict"
    article: ArticleTable = Field(default_factory=ArticleTable)
    pace: PaceTable = Field(default_factory=PaceTable)
