"""The [article] table of sources and families -> ArticleRules; checked, then folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .globs import find_fault
from .tables import Table, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_GLOBS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRules:
    """How a site's articles are told apart and read whole; globs over the address, never regexes.

    `only` and `skip` are globs on the path (and query); `body` is a CSS selector;
    `all_pages` is what makes the whole story one page ("?page=all", "/all", "?single=1").
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    body: str | None = None
    all_pages: str | None = None


def as_tuple(value: Any) -> Any:
    """Turn a TOML array into a tuple, repeated texts once; all else is left to the check."""
    if not isinstance(value, list):
        return value
    return tuple(one for at, one in enumerate(value) if one not in value[:at])


def says(check: Callable[[str], object]) -> Callable[[str], str]:
    """Turn a check that raises ValueError into a validator that names what was found."""

    def validate(value: str) -> str:
        try:
            checked = check(value)
        except ValueError as error:
            message = f"found {quoted(value)}: {error}"
        else:
            return value if checked is None else str(checked)
        raise PydanticCustomError("said", "{message}", {"message": message})

    return validate


def _check_printable(value: str) -> None:
    if not value.isprintable() or not value.strip():
        raise ValueError("one line of text")


def _check_glob(glob: str) -> None:
    fault = find_fault(glob)
    if fault:
        raise ValueError(fault)


def _check_all_pages(value: str) -> None:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("ASCII without blanks")
    if value[0] not in "?/" or "#" in value or len(value) < 2:
        raise ValueError('what is added to an address, such as "?page=all" or "/all"')


def _check_selector(value: str) -> None:
    from cssselect import HTMLTranslator, SelectorError  # only for files that give one

    try:
        HTMLTranslator().css_to_xpath(value)
    except (SelectorError, RecursionError) as error:
        raise ValueError(f"no CSS selector: {error}") from None


Glob = Annotated[str, AfterValidator(says(_check_glob))]
Globs = Annotated[tuple[Glob, ...], BeforeValidator(as_tuple), Field(max_length=MOST_GLOBS)]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[Short, AfterValidator(says(_check_printable))]


class ArticleTable(Table):
    """[article] of a source or family file; a key that is not given is the family's."""

    only: Globs | None = None
    skip: Globs | None = None
    body: Annotated[Short, AfterValidator(says(_check_selector))] | None = None
    all_pages: Annotated[Short, AfterValidator(says(_check_all_pages))] | None = None

    def fold(self, under: ArticleRules) -> ArticleRules:
        """Lay these keys over a family's rules, key by key."""
        return ArticleRules(
            only=under.only if self.only is None else self.only,
            skip=under.skip if self.skip is None else self.skip,
            body=under.body if self.body is None else self.body,
            all_pages=under.all_pages if self.all_pages is None else self.all_pages,
        )
