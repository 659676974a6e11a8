"""Matches, groups, facts, verdicts and the topics' progress, as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.articles import save_article
from storage.database import open_writer, writing
from storage.facts import facts_of, save_facts
from storage.groups import articles_of_event, articles_of_group
from storage.matches import level_counts, load_match, matches_of, save_matches
from storage.records import Evidence, Fact, Match, Verdict
from storage.topics import (
    RETRY_AFTER,
    advance_topics,
    begin_topics,
    count_unmatched,
    leave_queue,
    queue_again,
    queued_articles,
)
from storage.verdicts import add_verdict, last_verdict, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Article


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    writer = open_writer(home, "ronda")
    yield writer
    writer.close()


@pytest.fixture
def save(db: Database, make_article: Callable[..., Article], now: datetime) -> Callable[[int], int]:
    def one(number: int) -> int:
        article = make_article(url=f"https://contoh.test/{number}")
        with writing(db):
            return save_article(
                db, article, now=now, region="16.74", province="16", timezone="WIB"
            ).id

    return one


def a_match(level: str = "sure", topic: str = "koordinasi") -> Match:
    return Match(
        topic=topic,
        revision="r1",
        score=3.5,
        level=level,  # type: ignore[arg-type]  # one of the three
        evidence=(
            Evidence(
                concept="who", phrase="KPK", field="title", paragraph=-1, start=3, end=6, weight=2.0
            ),
            Evidence(
                concept="act",
                phrase="rapat koordinasi",
                field="text",
                paragraph=0,
                start=19,
                end=35,
                weight=1.5,
                version=1,
            ),
        ),
    )


def matched_count(db: Database) -> int:
    row = db.execute("SELECT coalesce(sum(matches), 0) FROM article_counts").fetchone()
    return int(row[0])


# --- matches


def test_a_match_comes_back_with_its_evidence(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    article = save(1)
    with writing(db):
        [match_id] = save_matches(db, article, [a_match()], now)
    [back] = matches_of(db, article)
    assert back == replace(a_match(), id=match_id, article=article, matched_at=now)
    assert load_match(db, match_id) == back
    assert load_match(db, match_id + 1) is None
    assert level_counts(db) == {"sure": 1}
    assert matched_count(db) == 1


def test_matching_again_changes_the_match_and_makes_no_second(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    article = save(1)
    with writing(db):
        [first] = save_matches(db, article, [a_match()], now)
    changed = replace(a_match("likely"), revision="r2", evidence=a_match().evidence[:1])
    with writing(db):
        [second] = save_matches(db, article, [changed], now + timedelta(hours=1), found_later=True)
    assert second == first
    [back] = matches_of(db, article)
    assert (back.level, back.revision, len(back.evidence)) == ("likely", "r2", 1)
    assert (back.matched_at, back.found_later) == (now, False)
    assert matched_count(db) == 1


def test_a_near_miss_that_rises_is_news_to_every_monitor(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    article = save(1)
    with writing(db):
        [first] = save_matches(db, article, [a_match("near_miss")], now)
    assert matched_count(db) == 0
    with writing(db):
        [second] = save_matches(db, article, [a_match("sure")], now)
    assert second > first
    assert matched_count(db) == 1


def test_a_match_that_is_gone_is_dropped_unless_it_was_told(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    told, untold = save(1), save(2)
    with writing(db):
        [match_id] = save_matches(db, told, [a_match()], now)
        save_matches(db, untold, [a_match(), a_match(topic="lain")], now)
        db.execute("INSERT INTO told VALUES ('pagi', ?, 'digest', 1, 1)", (match_id,))
    with writing(db):
        for article in (told, untold):
            save_matches(db, article, [], now, judged={"koordinasi"})
    assert [match.id for match in matches_of(db, told)] == [match_id]
    assert [match.topic for match in matches_of(db, untold)] == ["lain"]
    with writing(db):
        save_matches(db, untold, [], now, judged={"lain"})
    assert matched_count(db) == 1


# --- topics


def test_a_fresh_home_is_matched_from_its_first_article(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    save(1)
    assert count_unmatched(db) == 1
    with writing(db):
        assert begin_topics(db, {"a": "r1", "b": "r1"}, now) == {"a": 0, "b": 0}
    assert count_unmatched(db) == 1


def test_a_later_topic_begins_with_what_is_stored_after_it(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    with writing(db):
        begin_topics(db, {"a": "r1"}, now)
    newest = save(1)
    with writing(db):
        assert begin_topics(db, {"a": "r1", "b": "r1"}, now) == {"a": 0, "b": newest}


def test_a_new_revision_goes_on_where_the_old_one_stood(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    first, _ = save(1), save(2)
    with writing(db):
        begin_topics(db, {"a": "r1"}, now)
        advance_topics(db, ["a"], first)
        assert begin_topics(db, {"a": "r2"}, now) == {"a": first}
        advance_topics(db, ["a"], 0)
        assert begin_topics(db, {"a": "r2"}, now) == {"a": first}
    assert count_unmatched(db) == 1
    rows = db.execute("SELECT revision FROM topics ORDER BY revision").fetchall()
    assert rows == [("r1",), ("r2",)]


def test_a_failed_article_waits_before_it_is_tried_again(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    article = save(1)
    with writing(db):
        begin_topics(db, {"a": "r1"}, now)
        advance_topics(db, ["a"], article)
        queue_again(db, article, now)
    assert queued_articles(db, now, 10) == []
    assert count_unmatched(db) == 0
    assert queued_articles(db, now + RETRY_AFTER, 10) == [article]
    with writing(db):
        leave_queue(db, article)
    assert queued_articles(db, now + RETRY_AFTER, 10) == []


def test_without_topics_nothing_waits_for_them(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    with writing(db):
        begin_topics(db, {}, now)
    save(1)
    assert count_unmatched(db) == 0


def test_a_topic_that_was_taken_away_holds_nothing_up(
    db: Database, save: Callable[[int], int], now: datetime
) -> None:
    with writing(db):
        begin_topics(db, {"a": "r1", "b": "r1"}, now)
        begin_topics(db, {"a": "r1"}, now)
    article = save(1)
    assert count_unmatched(db) == 1
    with writing(db):
        advance_topics(db, ["a"], article)
    assert count_unmatched(db) == 0
    with writing(db):
        assert begin_topics(db, {"a": "r1", "b": "r1"}, now) == {"a": article, "b": 0}


# --- facts, verdicts, groups


def test_facts_are_replaced_whole(db: Database, save: Callable[[int], int], now: datetime) -> None:
    article = save(1)
    first = Fact(kind="score", value="85,3", sentence="Skor MCSP 85,3.", start=5, end=9)
    with writing(db):
        save_facts(db, article, [first, replace(first, value="70")])
    assert facts_of(db, article) == [first, replace(first, value="70")]
    with writing(db):
        save_facts(db, article, [replace(first, kind="place", value="Balikpapan")])
    assert [fact.value for fact in facts_of(db, article)] == ["Balikpapan"]


def test_the_last_verdict_wins_and_none_is_lost(db: Database, now: datetime) -> None:
    def rule(verdict: str, at: datetime, **more: object) -> None:
        with writing(db):
            add_verdict(
                db,
                Verdict(topic="a", group=1, verdict=verdict, by="sari", at=at, **more),  # type: ignore[arg-type]  # checked values of the test
            )

    assert last_verdict(db, "a", 1) is None
    rule("relevant", now)
    rule("irrelevant", now - timedelta(hours=1), note="hanya rilis")
    rule("unsure", now, kind="grouping")
    last = last_verdict(db, "a", 1)
    assert last is not None
    assert (last.verdict, last.note) == ("irrelevant", "hanya rilis")
    grouping = last_verdict(db, "a", 1, "grouping")
    assert grouping is not None
    assert grouping.verdict == "unsure"
    assert [verdict.verdict for verdict in verdicts_of(db, "a", 1)] == [
        "relevant",
        "irrelevant",
        "unsure",
    ]
    assert last_verdict(db, "b", 1) is None
    assert verdicts_of(db, "a", 2) == []


def test_an_empty_group_or_event_has_no_articles(db: Database) -> None:
    assert articles_of_group(db, 1) == []
    assert articles_of_event(db, 1) == []
