"""`env:NAME` or `file:PATH` in a settings file -> Secret, which prints as *** wherever it goes.

A secret never stands in a settings file itself; this is the only module that reads one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import PydanticCustomError, core_schema

from .errors import ConfigError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, ValidationInfo

MASK = "***"
LONGEST = 16 * 1024
HOW = 'write "env:NAME" or "file:PATH", never the secret itself'


class Secret:
    """A text that only `reveal` gives; everything else that shows it shows ***."""

    __slots__ = ("__value", "origin")

    def __init__(self, value: str | None, *, origin: str = "given") -> None:
        self.__value = value
        self.origin = origin

    def reveal(self) -> str:
        """Give the text; raises ConfigError where it was not read at load."""
        if self.__value is None:
            raise ConfigError(f"the secret {self.origin} was not read")
        return self.__value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self.__value == other.__value and self.origin == other.origin

    def __hash__(self) -> int:
        return hash(self.origin)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(
            _validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda _: MASK),
        )


def read_secret(reference: str, *, folder: Path | None = None) -> Secret:
    """Read what `env:NAME` or `file:PATH` refers to; a relative path starts at `folder`.

    Raises ConfigError that names the variable or the file, never what it holds.
    """
    kind, _, place = reference.partition(":")
    if kind == "env" and place.isidentifier():
        value = os.environ.get(place)
        if value is None:
            raise ConfigError(f"the environment has no variable {place}")
        return Secret(_checked(value, place), origin=reference)
    if kind == "file" and place.strip() and place.isprintable():
        path = Path(place).expanduser()
        path = path if path.is_absolute() or folder is None else folder / path
        return Secret(_checked(_read(path), str(path)), origin=reference)
    raise ConfigError(HOW)


def readable_by_others(path: Path) -> bool:
    """Tell whether users outside the owner's group can read a file through its folders."""
    path = path.absolute()
    try:
        if not path.stat().st_mode & 0o004:
            return False
        return all(folder.stat().st_mode & 0o001 for folder in path.parents)
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            raise ConfigError(f"no secret file {path}")
        with path.open("rb") as stream:
            raw = stream.read(LONGEST + 1)
        return raw.decode()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        pass
    raise ConfigError(f"{path} is not UTF-8 text")


def _checked(value: str, place: str) -> str:
    value = value.strip()
    if not value:
        raise ConfigError(f"{place} is empty")
    if len(value) > LONGEST or not value.isprintable():
        raise ConfigError(f"{place} holds more than one line of text")
    return value


def _validate(value: object, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    context: dict[str, Any] = info.context or {}
    if not isinstance(value, str):
        raise PydanticCustomError("secret", HOW)
    kind, colon, place = value.partition(":")
    if not context.get("secrets", True) and kind in {"env", "file"} and colon and place:
        return Secret(None, origin=value)
    try:
        return read_secret(value, folder=context.get("folder"))
    except ConfigError as error:
        message = str(error)
    raise PydanticCustomError("secret", "{message}", {"message": message})
