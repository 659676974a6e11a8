"""[channels.<name>] of ronda.toml: the ways out, told apart by their kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .addresses import check_host
from .rules import as_tuple, says
from .secret import Secret
from .tables import Table

SECURITY_PORTS = {"none": 25, "starttls": 587, "tls": 465}


def _check_mailbox(value: str) -> None:
    local, at, host = value.strip().rpartition("@")
    bare = host.removesuffix(">")
    if not at or not local or not value.isprintable() or "," in value:
        raise ValueError("one mail address")
    check_host(bare)


def _check_folder(value: str) -> None:
    if not value.strip() or not value.isprintable():
        raise ValueError("a folder's path")


def check_server(value: str) -> str:
    """Give a server's name or address as it is, where it can be one; raises ValueError."""
    return value if value == "::1" else check_host(value)


Mailbox = Annotated[str, Field(max_length=320), AfterValidator(says(_check_mailbox))]
Server = Annotated[str, Field(max_length=253), AfterValidator(says(check_server))]


class FileChannel(Table):
    """Digests as files (html, txt, json); `folder` None means the home's `digests`."""

    kind: Literal["file"] = "file"
    folder: Annotated[str, AfterValidator(says(_check_folder))] | None = None


class EmailChannel(Table):
    """One message per recipient in `to`, by SMTP."""

    kind: Literal["email"] = "email"
    host: Server
    security: Literal["none", "starttls", "tls"] = "starttls"
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    user: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    password: Secret | None = None
    sender: Mailbox
    to: Annotated[tuple[Mailbox, ...], BeforeValidator(as_tuple), Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, data: object) -> object:
        if isinstance(data, dict) and "port" not in data:
            security = data.get("security", "starttls")
            if isinstance(security, str) and security in SECURITY_PORTS:
                return {**data, "port": SECURITY_PORTS[security]}
        return data

    @model_validator(mode="after")
    def _both_or_neither(self) -> EmailChannel:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password are given together or not at all")
        return self


class AppriseChannel(Table):
    """One Apprise address; the whole address is a secret, most of them hold a token."""

    kind: Literal["apprise"] = "apprise"
    url: Secret


Channel = Annotated[FileChannel | EmailChannel | AppriseChannel, Field(discriminator="kind")]
