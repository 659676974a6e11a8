"""One TOML file per topic -> Topic: concepts, combinations, weights, levels and its own examples.

Every key is described in `config/README.md`. The revision is a hash of the file's bytes, so an
edited file is a new revision. No regular expression comes from a topic.
"""

from __future__ import annotations

from datetime import date  # pydantic reads the field types at run time
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import Field, PlainValidator, model_validator

from .errors import ConfigError
from .tables import LARGE_FILE, SHIPPED, Table, build, read_text, read_toml, shown

if TYPE_CHECKING:
    from pathlib import Path

WITHIN = ("sentence", "neighbours", "paragraph", "around", "opening", "article")
FARTHEST = 200  # words

Item = TypeVar("Item")
Language = Literal["id", "en"]
ListOf = Annotated[tuple[Item, ...], Field(strict=False)]  # TOML has lists, values are frozen
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Phrase = Annotated[str, Field(min_length=1, max_length=120)]
Points = Annotated[float, Field(ge=-50, le=50, allow_inf_nan=False)]


def _distance(value: object) -> int | str:
    if isinstance(value, str) and value in WITHIN:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= FARTHEST:
        return value
    raise ValueError(f"allowed: {', '.join(WITHIN)}, or 1 to {FARTHEST} words")


Distance = Annotated[int | str, PlainValidator(_distance)]


class Weight(Table):
    """Points for standing in the title, in the lead, and in the body up to `most` sentences."""

    title: Points = 0.0
    lead: Points = 0.0
    body: Points = 0.0
    most: Annotated[int, Field(ge=1, le=20)] = 3


class Condition(Table):
    """Any of these concepts stands within this distance."""

    any: ListOf[Name]
    within: Distance = "sentence"


class Concept(Table):
    """Words that mean one thing; `includes` adds the words of other concepts.

    `regions` adds the names of the regions table; `never` are longer phrases or names that do not
    count although a word of the concept stands in them.
    """

    label: str = ""
    words: ListOf[Phrase] = ()
    misspelt: ListOf[Phrase] = ()
    includes: ListOf[Name] = ()
    never: ListOf[Phrase] = ()
    regions: bool = False
    needs: Condition | None = None
    unless: Condition | None = None
    since: date | None = None
    until: date | None = None
    weight: Weight = Weight()


class Combination(Table):
    """Concepts that meet within a distance; `without` names what must not stand there too."""

    id: Name
    label: str = ""
    all: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=6)]
    without: ListOf[Name] = ()
    within: Distance = "sentence"
    weight: Weight = Weight()


class Levels(Table):
    """The sum begins at `start`; it is `sure`, `likely` or `near_miss` from these points on.

    Of what speaks for a match at most `most` points count, so that many words never outweigh what
    the article plainly is (a column, a fact check, a trial).
    """

    start: Points = 0.0
    most: Annotated[float, Field(gt=0, le=1000)] = 1000.0
    sure: Points
    likely: Points
    near_miss: Points

    @model_validator(mode="after")
    def _falling(self) -> Levels:
        if not self.sure >= self.likely >= self.near_miss:
            raise ValueError("sure must not be below likely, nor likely below near_miss")
        return self


class Example(Table):
    """A text that must match (`sure` or `likely`) or a look-alike that must not."""

    match: bool
    title: str = ""
    text: str
    note: str = ""


class Furniture(Table):
    """Beginnings of what belongs to the page: whole lines, or from there to the sentence's end."""

    lines: ListOf[Phrase] = ()
    inline: ListOf[Phrase] = ()


class Topic(Table):
    """What to look for; build it with `load_topics` or `read_topic`."""

    id: str
    revision: str
    file: str = ""
    names: dict[Language, str] = Field(alias="name")
    furniture: Furniture = Furniture()
    concepts: dict[Name, Concept] = Field(min_length=1)
    combinations: ListOf[Combination] = ()
    required: ListOf[Name] = ()
    fetch_first: ListOf[Name] = ()
    levels: Levels
    examples: ListOf[Example]

    def name(self, language: Language) -> str:
        """Give the name for readers of this language, else in the other."""
        return self.names.get(language) or next(iter(self.names.values()))

    def words(self) -> tuple[str, ...]:
        """List the phrases of `fetch_first`: links whose title holds one are fetched first."""
        found: dict[str, None] = {}
        for name in dict.fromkeys(one for root in self.fetch_first for one in self.parts(root)):
            concept = self.concepts[name]
            for word in (*concept.words, *concept.misspelt):
                found[word.replace("*", "").removeprefix("^")] = None
        return tuple(found)

    def parts(self, name: str) -> tuple[str, ...]:
        """List a concept and all that it includes, itself first."""
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            one = waiting.pop(0)
            if one not in found:
                found[one] = None
                waiting += self.concepts[one].includes
        return tuple(found)

    @model_validator(mode="after")
    def _whole(self) -> Topic:
        problems = [*self._unknown_names(), *self._uneven_examples(), *self._odd_phrases()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unknown_names(self) -> list[str]:
        uses: list[tuple[str, tuple[str, ...]]] = []
        for name, concept in self.concepts.items():
            uses.append((f"concepts.{name}.includes", concept.includes))
            for key, condition in (("needs", concept.needs), ("unless", concept.unless)):
                if condition:
                    uses.append((f"concepts.{name}.{key}.any", condition.any))
        for number, combination in enumerate(self.combinations):
            names = (*combination.all, *combination.without)
            uses.append((f"combinations.{number}", names))
        uses.append(("fetch_first", self.fetch_first))
        known = set(self.concepts)
        problems = [f"{key}: no concept {n!r}" for key, ns in uses for n in ns if n not in known]
        ids = [combination.id for combination in self.combinations]
        problems += [f"required: no combination {n!r}" for n in self.required if n not in ids]
        problems += [f"combinations: {n!r} twice" for n in set(ids) if ids.count(n) > 1]
        both = set(ids) & known
        return problems + [f"{n!r} is a concept and a combination" for n in sorted(both)]

    def _uneven_examples(self) -> list[str]:
        matching = sum(example.match for example in self.examples)
        if matching < 3 or len(self.examples) - matching < 3:
            return ["examples: at least three must match and three must not"]
        return []

    def _odd_phrases(self) -> list[str]:
        problems = []
        for name, concept in self.concepts.items():
            if not (concept.words or concept.misspelt or concept.includes or concept.regions):
                problems.append(f"concepts.{name}: has no words")
            for word in (*concept.words, *concept.misspelt, *concept.never):
                if word.count("*") > 1 or ("*" in word and not _star_ends_a_word(word)):
                    problems.append(f"concepts.{name}: {word!r}: one * at most, at a word's end")
                elif not any(letter.isalnum() for letter in word):
                    problems.append(f"concepts.{name}: {word!r} holds no letter")
        return problems


def _star_ends_a_word(phrase: str) -> bool:
    before, _, after = phrase.partition("*")
    return before[-1:].isalpha() and (not after or after.startswith(" "))


def load_topics(home: Path | None) -> tuple[dict[str, Topic], list[ConfigError]]:
    """Load the shipped topics and the home's own; a home's file replaces the shipped one whole.

    A bad file is an error in the list and stops no other topic.
    """
    paths = {path.stem: path for path in sorted((SHIPPED / "topics").glob("*.toml"))}
    if home is not None:
        paths |= {path.stem: path for path in sorted((home / "topics").glob("*.toml"))}
    topics: dict[str, Topic] = {}
    errors: list[ConfigError] = []
    for name, path in paths.items():
        try:
            topics[name] = read_topic(path)
        except ConfigError as error:
            errors.append(error)
    return topics, errors


def read_topic(path: Path) -> Topic:
    """Read one topic file; raises ConfigError naming the file and every key that is wrong."""
    values = read_toml(path, limit=LARGE_FILE)
    for key in ("id", "revision", "file"):
        if key in values:
            raise ConfigError(f"{shown(path)}: {key}: not a key of a topic; its id is its name")
    content = read_text(path, limit=LARGE_FILE).encode()
    revision = blake2b(content, digest_size=6).hexdigest()
    values |= {"id": path.stem, "revision": revision, "file": shown(path)}
    return build(Topic, values, file=path)
