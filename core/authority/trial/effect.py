"""What differing rules give and take: everybody's sets of objects, before and after."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.authority.holding import ANYONE, REGISTERED
from core.authority.policy import PolicySet
from core.authority.predicate import IMPLIED_RELATIONS
from core.authority.rules import Relation, Rule
from core.authority.trial.land import Land

EVERYBODY = frozenset({ANYONE, REGISTERED})

BEFORE, AFTER = 0, 1


class Word(NamedTuple):
    """What a rule says, whichever id it has."""

    role: str
    relation: Relation
    condition: str
    region: str
    allows: bool

    @classmethod
    def of(cls, rule: Rule) -> Word:
        return cls(rule.role, rule.relation, rule.condition, rule.region, rule.effect == "allow")


@dataclass(slots=True)
class Changed:
    """An action about which the two sets of rules say different things.

    ``words`` tells of each word whether it holds before and after; ``by_role`` are those about a
    role somebody must be appointed to.
    """

    action: str
    words: dict[Word, tuple[bool, bool]]
    by_role: dict[str, list[Word]] = field(default_factory=dict)
    concerned: set[str] = field(default_factory=set)

    @property
    def of_everybody(self) -> list[Word]:
        return [word for word in self.words if word.role in EVERYBODY]

    def differs(self, word: Word) -> bool:
        before, after = self.words[word]
        return before is not after


def changed_actions(before: PolicySet, after: PolicySet) -> list[Changed]:
    """The actions the two sets differ about, by their names.

    Rules about one's own row are left out: they speak of rows, not of objects of the tree.
    """
    found = []
    for action in sorted(before.actions | after.actions):
        sides = [
            {Word.of(rule) for rule in policy.rules_of(action) if rule.relation is not Relation.OWN}
            for policy in (before, after)
        ]
        if sides[BEFORE] == sides[AFTER]:
            continue
        words = {
            word: (word in sides[BEFORE], word in sides[AFTER])
            for word in sorted(
                sides[BEFORE] | sides[AFTER], key=lambda word: (word.role, word.relation.value)
            )
        }
        change = Changed(action, words)
        for word in words:
            if word.role in EVERYBODY:
                continue
            implied = word.relation in IMPLIED_RELATIONS
            for role in before.personnel if implied else (word.role,):
                change.by_role.setdefault(role, []).append(word)
                if change.differs(word):
                    change.concerned.add(role)
        found.append(change)
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """One person who gains or loses one action at one object."""

    person_id: int
    node_id: int
    action: str
    gained: bool


@dataclass(slots=True)
class Group:
    """What the rules about one role do to one action: how many people, how many objects.

    ``pairs`` counts every person at every object.
    """

    action: str
    role: str
    gained: bool
    people: int = 0
    pairs: int = 0
    reached: int = 0
    examples: list[Case] = field(default_factory=list)

    @property
    def nodes(self) -> int:
        """How many objects."""
        return self.reached.bit_count()


@dataclass(slots=True)
class Effect:
    """What everybody gains and loses. ``left`` people were not looked at: the time was over."""

    groups: dict[tuple[str, str, bool], Group] = field(default_factory=dict)
    gaining: set[int] = field(default_factory=set)
    losing: set[int] = field(default_factory=set)
    looked_at: int = 0
    left: int = 0


Seats = Sequence[tuple[str, int]]
"""The role and the place of each appointment of a person that holds."""


@dataclass(slots=True)
class Part:
    """Words that count for somebody, and the actions about which just these do.

    ``differing`` are those that hold on one side only.
    """

    words: dict[Word, tuple[bool, bool]]
    actions: list[str]
    differing: list[Word]


@dataclass(slots=True)
class Reckoning:
    """Puts everybody's sets together. ``limit`` are the objects anybody asks about."""

    land: Land
    changes: Sequence[Changed]
    limit: int
    personnel: frozenset[str]
    examples: int
    _within: dict[str, int] = field(default_factory=dict)
    _parts: dict[frozenset[str], list[Part]] = field(default_factory=dict)

    def concerned(self) -> frozenset[str] | None:
        """The roles whose holders something may change for; None: everybody."""
        if any(c.differs(word) for c in self.changes for word in c.of_everybody):
            return None
        return frozenset(role for change in self.changes for role in change.concerned)

    def effect(self, people: Mapping[int, Seats], until: float) -> Effect:
        """Look at one person after the other until the time (of the monotonic clock) is over."""
        effect = Effect()
        for person_id, seats in people.items():
            if time.monotonic() > until:
                effect.left = len(people) - effect.looked_at
                break
            effect.looked_at += 1
            known: dict[Word, int] = {}
            for part in self.parts(frozenset([role for role, _ in seats])):
                reached = self.reached(part.differing, seats, known)
                if any(reached[word] for word in part.differing):
                    self.reached(part.words, seats, known)
                    self.count(effect, person_id, part, reached)
        return effect

    def parts(self, roles: frozenset[str]) -> list[Part]:
        """What may change for somebody with these roles.

        Actions about which the same words count, and change alike, are reckoned once.
        """
        if roles not in self._parts:
            found: dict[frozenset[tuple[Word, tuple[bool, bool]]], list[str]] = {}
            for change in self.changes:
                words = [*change.of_everybody]
                for role in roles:
                    words += change.by_role.get(role, ())
                if any(change.differs(word) for word in words):
                    key = frozenset((word, change.words[word]) for word in words)
                    found.setdefault(key, []).append(change.action)
            self._parts[roles] = [
                Part(dict(key), actions, [word for word, (old, new) in key if old is not new])
                for key, actions in found.items()
            ]
        return self._parts[roles]

    def sides(self, change: Changed, seats: Seats) -> tuple[int, int]:
        """The objects at which the person may do it, before and after."""
        reached = self.reached(change.words, seats, {})
        return (
            self.allowed(change.words, reached, BEFORE),
            self.allowed(change.words, reached, AFTER),
        )

    def reached(
        self, words: Iterable[Word], seats: Seats, known: dict[Word, int]
    ) -> dict[Word, int]:
        """What each word reaches for somebody with these appointments."""
        for word in words:
            if word in known:
                continue
            if word.role in EVERYBODY:
                nodes = self.land.everywhere[word.condition]
            else:
                counted = self.personnel if word.relation in IMPLIED_RELATIONS else (word.role,)
                places = {held_at for role, held_at in seats if role in counted}
                nodes = self.land.reached(word.relation, word.condition, places)
            known[word] = nodes & self.within(word.region) if nodes else 0
        return known

    def within(self, region: str) -> int:
        if region not in self._within:
            self._within[region] = self.land.within(region) & self.limit
        return self._within[region]

    def allowed(
        self, words: Mapping[Word, tuple[bool, bool]], reached: Mapping[Word, int], side: int
    ) -> int:
        """What the words of one side allow together: a denial wins."""
        allowed = denied = 0
        for word, sides in words.items():
            if sides[side]:
                if word.allows:
                    allowed |= reached[word]
                else:
                    denied |= reached[word]
        return allowed & ~denied if denied else allowed

    def count(
        self, effect: Effect, person_id: int, part: Part, reached: Mapping[Word, int]
    ) -> None:
        """Enter what one person gains and loses of the actions of a part."""
        before = self.allowed(part.words, reached, BEFORE)
        after = self.allowed(part.words, reached, AFTER)
        if before == after:
            return
        for gained, nodes in ((False, before & ~after), (True, after & ~before)):
            if not nodes:
                continue
            (effect.gaining if gained else effect.losing).add(person_id)
            by_role: dict[str, int] = defaultdict(int)
            for word in part.differing:
                # What is lost goes with an allowing word that went or a denying one that came.
                if (word.allows is part.words[word][AFTER]) is gained:
                    by_role[word.role] |= reached[word] & nodes
            for role, there in by_role.items():
                if there:
                    self.enter(effect, person_id, part.actions, role, gained, there)

    def enter(
        self,
        effect: Effect,
        person_id: int,
        actions: Sequence[str],
        role: str,
        gained: bool,
        nodes: int,
    ) -> None:
        size = nodes.bit_count()
        for action in actions:
            group = effect.groups.setdefault((action, role, gained), Group(action, role, gained))
            group.people += 1
            group.pairs += size
            group.reached |= nodes
            if len(group.examples) < self.examples:
                node_id = next(self.land.nodes(nodes))
                group.examples.append(Case(person_id, node_id, action, gained))

    def unsigned(self) -> list[tuple[str, bool, int]]:
        """What whoever is not signed in gains or loses: action, gained, how many objects."""
        found = []
        for change in self.changes:
            reached = {
                word: self.land.everywhere[word.condition] & self.within(word.region)
                for word in change.of_everybody
                if word.role == ANYONE
            }
            words = {word: change.words[word] for word in reached}
            before, after = (self.allowed(words, reached, side) for side in (BEFORE, AFTER))
            for gained, nodes in ((False, before & ~after), (True, after & ~before)):
                if nodes:
                    found.append((change.action, gained, nodes.bit_count()))
        return found


def words_of(changes: Iterable[Changed]) -> set[Word]:
    return {word for change in changes for word in change.words}


def roles_of(words: Iterable[Word], personnel: Collection[str]) -> set[str]:
    """The roles of appointments the words count."""
    found: set[str] = set()
    for word in words:
        if word.relation in IMPLIED_RELATIONS:
            found.update(personnel)
        elif word.role not in EVERYBODY:
            found.add(word.role)
    return found
