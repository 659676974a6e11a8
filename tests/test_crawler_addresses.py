"""Addresses from the web lead to public ones only."""

from __future__ import annotations

import time
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.base import ReactorBase, ThreadedResolver

from crawler.guards.addresses import (
    KEPT,
    BlockedAddress,
    GuardedResolver,
    check_address,
    is_public,
    test_address,
)
from crawler.reasons import Refused

test_address.__test__ = False  # type: ignore[attr-defined]  # a function of ours, no test

TEST_HOSTS = {"*.test": "127.0.0.1"}
PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.0.8", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "::1", "::", "fe80::1"),
    *("fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"),
    *("kpk.go.id", "", "127.1", "0x7f.1", "2130706433"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "103.10.66.1", "172.32.0.1", "2606:4700::1111"])
def test_public_addresses_pass(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://contoh.id/", None),
        ("https://contoh.id:443/a", None),
        ("http://contoh.id:8080/", None),
        ("http://contoh.id:8000/", None),
        ("http://contoh.id:8999/", None),
        ("http://contoh.id:9000/", "blocked_port"),
        ("http://contoh.id:7999/", "blocked_port"),
        ("http://contoh.id:25/", "blocked_port"),
        ("http://contoh.id:6379/", "blocked_port"),
        ("http://contoh.id:11211/", "blocked_port"),
        ("http://contoh.id:0/", "blocked_port"),
        ("http://103.10.66.1/", None),
        ("http://[2606:4700::1111]/", None),
        ("http://2130706433/", "blocked_address"),
        ("http://0x7f.1/", "blocked_address"),
        ("http://127.0.0.1./", "blocked_address"),
        ("http://[::ffff:10.0.0.1]/", "blocked_address"),
        ("http://99999999999/", "bad_address"),
        ("http://1.2.3.4.5/", "bad_address"),
        ("http://contoh%00.id/", "bad_address"),
        ("http://127。0。0。1/", "bad_address"),
        ("http://situs.test:39123/", None),
        ("http://contoh.id:22/", "blocked_port"),
        ("http://contoh.id:39123/", "blocked_port"),
        ("http://lain.contest:39123/", "blocked_port"),
        ("ftp://contoh.id/", "bad_address"),
        ("file:///etc/passwd", "bad_address"),
        ("data:text/html,x", "bad_address"),
        ("http://user:pass@contoh.id/", "bad_address"),
        ("http:///a", "bad_address"),
        ("http://contoh.id:99999/", "bad_address"),
    ],
)
def test_N17_N21_an_address_is_judged_by_its_form(url: str, reason: str | None) -> None:
    if reason is None:
        check_address(url, TEST_HOSTS)
        return
    with pytest.raises(Refused) as refused:
        check_address(url, TEST_HOSTS)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("a.test", True),
        ("A.B.TEST.", True),
        ("test", False),
        ("a.test.id", False),
        ("atest", False),
    ],
)
def test_only_the_named_hosts_are_test_hosts(host: str, found: bool) -> None:
    assert (test_address(host, TEST_HOSTS) == "127.0.0.1") is found
    assert test_address(host, {}) is None


class FakeThreads(ReactorBase):
    """Nothing of a reactor is used: literals are answered without it."""

    def __init__(self) -> None:
        pass


def open_resolver(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]], clock: Any = time.monotonic
) -> GuardedResolver:
    """Open a resolver to which each look-up of a name brings the next of its answers."""

    def answer(_: object, name: str, timeout: object = ()) -> Any:
        told = answers[name]
        return defer.succeed(told.pop(0) if len(told) > 1 else told[0])

    monkeypatch.setattr(ThreadedResolver, "getHostByName", answer)
    return GuardedResolver(FakeThreads(), 100, 1.0, TEST_HOSTS, clock)


def look_up(resolver: GuardedResolver, name: str) -> Any:
    found: list[Any] = []
    resolver.getHostByName(name).addBoth(found.append)
    return found[0]


def test_the_resolver_checks_what_it_cached_and_says_whom_it_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolver = open_resolver(
        monkeypatch, {"baik.id": ["103.10.66.1"], "jahat.id": ["169.254.169.254"]}
    )
    assert look_up(resolver, "baik.id") == "103.10.66.1"
    assert look_up(resolver, "a.test") == "127.0.0.1"
    refused = look_up(resolver, "jahat.id")
    assert isinstance(refused.value, BlockedAddress)
    assert resolver.blocked == {"jahat.id": "169.254.169.254"}


def test_N19_a_name_that_turns_private_is_refused_and_what_was_checked_is_dialled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    answers = {"balik.id": ["103.10.66.1", "127.0.0.1"]}
    resolver = open_resolver(monkeypatch, answers, lambda: now[0])
    assert look_up(resolver, "balik.id") == "103.10.66.1"
    now[0] += KEPT + 1
    assert isinstance(look_up(resolver, "balik.id").value, BlockedAddress)
    assert resolver.blocked == {"balik.id": "127.0.0.1"}


def test_N23_a_site_that_moves_is_followed_within_ten_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    answers = {"pindah.id": ["103.10.66.1", "103.10.66.2"]}
    resolver = open_resolver(monkeypatch, answers, lambda: now[0])
    assert look_up(resolver, "pindah.id") == "103.10.66.1"
    now[0] += KEPT - 1
    assert look_up(resolver, "pindah.id") == "103.10.66.1"
    now[0] += 2
    assert KEPT + 1 < 600
    assert look_up(resolver, "pindah.id") == "103.10.66.2"


@pytest.mark.parametrize(
    "spelling", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "::1", "0"]
)
def test_N18_a_literal_needs_no_look_up_to_be_refused(
    monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    resolver = open_resolver(monkeypatch, {})
    assert isinstance(look_up(resolver, spelling).value, BlockedAddress)
    assert spelling in resolver.blocked


def test_N21_a_port_that_the_operator_lists_is_allowed() -> None:
    check_address("http://contoh.id:8899/", {})
    check_address("http://contoh.id:9443/", {}, (9443,))
    with pytest.raises(Refused):
        check_address("http://127.0.0.1:9443/", {}, (9443,))
