"""True families: parents, children, kin, with names, dates and places that hang together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from tracing.demo.cultures import Culture
from tracing.demo.phones import phone
from tracing.demo.registry import TURNS
from tracing.demo.stock import Entry, Place, avoided, drawer, places, zipf

LAST_DAY = date(2025, 6, 30)
_TOWNS = {size: zipf(size, 1.0) for size in range(1, 60)}


@dataclass(slots=True, eq=False)
class Member:
    """One true person. `chain` holds father, grandfather and so on; `maiden` is a woman's own family name."""

    person_id: str
    culture: Culture
    sex: str
    given: Entry
    birth: date
    birth_place: Place
    home: Place
    middle: Entry | None = None
    chain: tuple[Entry, ...] = ()
    family: Entry | None = None
    mother_family: Entry | None = None
    maiden: Entry | None = None
    nickname: Entry | None = None
    phone: str | None = None
    father: Member | None = None
    mother: Member | None = None
    spouse: Member | None = None
    children: list[Member] = field(default_factory=list)
    siblings: list[Member] = field(default_factory=list)

    def age_on(self, day: date) -> int:
        """Completed years on a day."""
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))

    def registered_on(self, rng: Random) -> date:
        """A day on which an office may have written this person down."""
        opens = max(self.culture.years[0], self.culture.seen_from)
        first = max(self.birth + timedelta(days=60), date(opens, 6, 1))
        span = max(1, (min(LAST_DAY, date(self.culture.years[1] + 3, 12, 28)) - first).days)
        return first + timedelta(days=rng.randrange(span))

    def met_in(self, rng: Random) -> Place:
        """A place where this person may turn up."""
        return town(rng, self.culture.routes if rng.random() < 0.75 else self.culture.countries)


@dataclass(slots=True, eq=False)
class Family:
    """Kin of one house, in the order they were invented, and how they lost each other."""

    family_id: str
    culture: Culture
    members: list[Member]
    separated: date
    place: Place
    cause: str


def houses(rng: Random) -> Iterator[Family]:
    """Families without end, the cultures in turn; some houses repeat the names of an unrelated father."""
    heads: dict[str, list[Member]] = {}
    for number in count(1):
        culture = TURNS[(number - 1) % len(TURNS)]
        known = heads.setdefault(culture.key, [])
        namesake = rng.choice(known) if known and rng.random() < 0.12 else None
        house = _Builder(rng, culture, f"f{number:06d}", namesake).build()
        known.append(house.members[0])
        del known[:-50]
        yield house


class _Builder:
    def __init__(self, rng: Random, culture: Culture, family_id: str, namesake: Member | None) -> None:
        self._rng, self._culture, self._id, self._namesake = rng, culture, family_id, namesake
        self._members: list[Member] = []
        first, last = culture.years
        self._separated = date(first, 1, 1) + timedelta(days=rng.randrange((last - first + 1) * 365))
        self._separated = min(self._separated, LAST_DAY - timedelta(days=60))
        self._home = town(rng, culture.countries)

    def build(self) -> Family:
        rng = self._rng
        father = self._head()
        mother = self._wife_of(father, rng.gauss(4, 4))
        self._children(father, mother)
        self._marry(father, mother)
        self._kin(father)
        self._finish()
        return Family(self._id, self._culture, self._members, self._separated, self._place(), self._cause())

    def _years(self, member: Member) -> float:
        return (self._separated - member.birth).days / 365.25

    def _head(self) -> Member:
        family = self._namesake.family if self._namesake else self._family_name("male")
        chain = self._chain(family)
        if self._namesake is None:
            head = self._person("male", self._rng.uniform(27, 58), family, chain)
        else:
            chain = (*self._namesake.chain[:1], *chain[1:])
            head = self._person("male", self._rng.uniform(27, 58), family, chain)
            if self._presentable(self._namesake.given, chain):
                head.given = self._namesake.given
        head.mother_family = self._own_family("s")
        return head

    def _wife_of(self, husband: Member, younger: float) -> Member:
        family = self._family_name("female")
        wife = self._person("female", max(18.0, self._years(husband) - younger), family, self._chain(family))
        wife.maiden, wife.mother_family = family, self._own_family("s")
        return wife

    def _person(
        self,
        sex: str,
        years: float,
        family: Entry | None,
        chain: tuple[Entry, ...],
        siblings: Sequence[Member] = (),
    ) -> Member:
        """A new member of about `years` years at the separation."""
        rng, culture = self._rng, self._culture
        birth = self._separated - timedelta(days=max(30, int(years * 365.25) + rng.randrange(-180, 180)))
        taken = [*chain[:1], *(other.given for other in siblings if other.sex == sex)]
        given = self._given(sex, taken, [family, *chain])
        born = self._home if rng.random() < 0.75 else town(rng, culture.countries)
        member = Member(f"{self._id}-{len(self._members) + 1}", culture, sex, given, birth, born, self._home)
        member.family, member.chain, member.siblings = family, chain, list(siblings)
        if rng.random() < culture.middle:
            pool = drawer(culture.stocks, f"x{sex[0]}") or drawer(culture.stocks, sex[0])
            member.middle = pool.draw(rng) if pool else None
        self._members.append(member)
        return member

    def _chain(self, family: Entry | None) -> tuple[Entry, ...]:
        """Father, grandfather and great-grandfather of someone whose kin is not in the story."""
        oldest = self._given("male", [], [])
        middle = self._given("male", [oldest], [oldest])
        return self._given("male", [oldest, middle], [family, middle, oldest]), middle, oldest

    def _presentable(self, given: Entry, after: Sequence[Entry | None]) -> bool:
        """Whether no widely known person bears this given name with one of the names after it."""
        return all(entry is None or (given.native, entry.native) not in avoided() for entry in after)

    def _given(self, sex: str, taken: Sequence[Entry], after: Sequence[Entry | None]) -> Entry:
        """A given name that is not taken by father or siblings; but parents like names that sound alike."""
        pool = drawer(self._culture.stocks, sex[0])
        if pool is None:
            raise LookupError(f"no given names: {self._culture.key} {sex}")
        draws = (*(pool.draw(self._rng) for _ in range(12)), *pool.entries)
        free = [entry for entry in draws if entry not in taken and self._presentable(entry, after)]
        if taken and self._rng.random() < 0.3:
            return max(free[:12], key=lambda entry: _likeness(entry.latin[0], taken[-1].latin[0]))
        return free[0]

    def _own_family(self, kind: str, other_than: Entry | None = None) -> Entry | None:
        pool = drawer(self._culture.stocks, kind, self._culture.skew)
        draws = [pool.draw(self._rng) for _ in range(3)] if pool else []
        return next((entry for entry in draws if entry is not other_than), None)

    def _family_name(self, sex: str) -> Entry | None:
        if self._culture.family_of_children == "none":
            return None
        return (self._own_family("t") if sex == "female" else None) or self._own_family("s")

    def _inherited(self, father: Member, sex: str) -> Entry | None:
        return father.family if self._culture.family_of_children == "father" else self._family_name(sex)

    def _children(self, father: Member, mother: Member) -> None:
        rng = self._rng
        age = max(0.3, min(self._years(father), self._years(mother)) - rng.uniform(18, 24))
        children: list[Member] = []
        for _ in range(rng.choices((1, 2, 3, 4, 5, 6, 7), (10, 22, 25, 19, 12, 8, 4))[0]):
            children.append(self._child(father, mother, age, children))
            age -= 0.0 if rng.random() < 0.03 else rng.uniform(1.1, 4.0)
            if age < 0.2:
                break
        for child in children:
            child.siblings = [other for other in children if other is not child]
        father.children, mother.children = list(children), list(children)

    def _child(self, father: Member, mother: Member, years: float, siblings: Sequence[Member]) -> Member:
        sex = self._rng.choice(("male", "female"))
        chain = (father.given, *father.chain[:2])
        child = self._person(sex, years, self._inherited(father, sex), chain, siblings)
        child.father, child.mother = father, mother
        child.mother_family = self._own_family("s", child.family) if self._culture.post_names else mother.maiden
        return child

    def _marry(self, husband: Member, wife: Member) -> None:
        husband.spouse, wife.spouse = wife, husband
        takes = self._culture.wife_takes_name and self._rng.random() < 0.85
        if takes and self._presentable(wife.given, [husband.family]):
            wife.family = husband.family

    def _kin(self, father: Member) -> None:
        """Sometimes the father's father, and the father's brother or sister with children."""
        rng = self._rng
        elder = self._elder(father) if rng.random() < 0.25 else None
        if rng.random() >= 0.35:
            return
        sex, years = rng.choice(("male", "female")), self._years(father) - rng.uniform(-6, 8)
        sibling = self._person(sex, years, self._inherited(father, sex), father.chain, [father])
        sibling.father, sibling.mother_family = elder, father.mother_family
        sibling.maiden = sibling.family if sex == "female" else None
        father.siblings = [sibling]
        if elder is not None:
            elder.children.append(sibling)
        if sex == "male" and self._years(sibling) > 26:
            wife = self._wife_of(sibling, rng.uniform(0, 6))
            self._children(sibling, wife)
            self._marry(sibling, wife)

    def _elder(self, father: Member) -> Member:
        chain = (*father.chain[1:], self._given("male", father.chain, [father.chain[-1]]))
        elder = self._person("male", self._years(father) + self._rng.uniform(20, 32), father.family, chain)
        elder.given = father.chain[0]
        elder.children, father.father = [father], elder
        return elder

    def _finish(self) -> None:
        """Nicknames and telephones."""
        rng, culture = self._rng, self._culture
        nicknames, phones = drawer(culture.stocks, "n"), 0
        for member in self._members:
            self._uncelebrated(member)
            member.nickname = member.given.short
            if culture.kunya and member.children and rng.random() < 0.6:
                member.nickname = _kunya(member)
            elif nicknames and rng.random() < 0.35:
                member.nickname = nicknames.draw(rng)
            if self._years(member) > 14 and self._separated.year > 1990 and rng.random() < 0.3 and phones < 4:
                member.phone = phone(int(self._id[1:]) * 4 + phones)
                phones += 1

    def _uncelebrated(self, member: Member) -> None:
        """Drop a second name that would make the whole a widely known person's."""
        if member.middle is not None and not self._presentable(member.middle, [member.family]):
            member.middle = None
        for given in (member.given, member.middle):
            if given is not None and not self._presentable(given, [member.mother_family]):
                member.mother_family = None

    def _place(self) -> Place:
        return self._home if self._rng.random() < 0.6 else town(self._rng, self._culture.countries)

    def _cause(self) -> str:
        return self._rng.choice(self._culture.causes)


def town(rng: Random, countries: tuple[str, ...]) -> Place:
    """A place of one of the countries, the larger ones more often."""
    choices = places(rng.choice(countries))
    return rng.choices(choices, cum_weights=_TOWNS[len(choices)])[0]


def _likeness(left: str, right: str) -> int:
    """Letters two names share, their beginnings counted double."""
    head = 0
    while head < min(len(left), len(right)) and left[head] == right[head]:
        head += 1
    return 2 * head + len(set(left) & set(right))


def _kunya(member: Member) -> Entry:
    """Abu or Umm with the eldest son's name, or the eldest child's where there is no son."""
    sons = [child for child in member.children if child.sex == "male"]
    child = (sons or member.children)[0].given
    native, latin = ("أبو", ("Abu", "Abou")) if member.sex == "male" else ("أم", ("Umm", "Um", "Oum"))
    spellings = tuple(f"{word} {name}" for word, name in zip(latin, child.latin, strict=False))
    return Entry(f"{native} {child.native}", spellings)
