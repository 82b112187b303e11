"""What crosses the line in a blind pre-check, what a guessing partner learns, and how many of the hits are right."""

import base64
import hashlib
import json
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from bench.pre_check import measure
from tests.precheck.pilot import Pilot
from tests.precheck.pilot import tokens as who_with_tokens
from tracing.kit import psi
from tracing.matching import Person
from tracing.precheck.jobs import LEAST
from tracing.precheck.service import ASKED_ABOUT
from tracing.precheck.traits import SCHEME, tokens_of

PEOPLE: list[dict[str, Any]] = [
    {
        "name": f"{first} {middle} {last}",
        "birth": f"{1950 + number % 50}-0{1 + number % 9}",
        "father": [f"{middle} {last}"],
        "mother": [f"Halima {first}ova"],
    }
    for number, (first, middle, last) in enumerate(
        (first, middle, last)
        for first in ("Amina", "Hodan", "Sahra", "Ifrah", "Deqa", "Olena", "Maryna", "Sofiya", "Daryna", "Polina")
        for middle, last in (("Yusuf", "Warsame"), ("Petro", "Kovalenko"), ("Ismail", "Abdullahi"), ("Taras", "Bondar"),
                             ("Omar", "Jibril"), ("Ivan", "Shevchuk"), ("Bashir", "Guled"), ("Pavlo", "Melnyk"),
                             ("Hassan", "Dualeh"), ("Oleh", "Tkachuk"))
    )
]  # fmt: skip


def forms(text: str) -> set[bytes]:
    """Return a text as it could stand in something: plain, as UTF-16, in base64, as an unkeyed hash."""
    plain = text.encode()
    found = {plain, plain.lower(), text.encode("utf-16-le"), base64.b64encode(plain)[:-4]}
    for kind in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        hashed = hashlib.new(kind, plain, usedforsecurity=False)
        found |= {hashed.digest(), hashed.hexdigest().encode(), base64.b64encode(hashed.digest())[:-4]}
    return found


TELLING = 8
"""Bytes from which a word says something: shorter ones stand by chance in some hundred thousand random bytes."""


def found_in(traffic: bytes, words: set[str]) -> list[str]:
    return [word for word in sorted(words) if any(form in traffic for form in forms(word))]


class Tapped:
    """Keeps what the partner answered as well."""

    def __init__(self, pilot: Pilot) -> None:
        self.answers: list[bytes] = []
        self._post = pilot.pair.loop.post
        pilot.pair.loop.post = self.post  # type: ignore[method-assign, assignment]  # a tap on the line

    def post(self, *args: object, **named: object) -> object:
        answer = self._post(*args, **named)  # type: ignore[arg-type]  # handed on as it came
        self.answers.append(answer.body)
        return answer


@pytest.mark.slow
def test_of_a_hundred_planted_names_no_byte_is_on_the_line(pilot: Pilot) -> None:
    for fields in PEOPLE:
        pilot.seek(**fields)
    for fields in PEOPLE[:50]:
        pilot.seek(society="UG", **fields)
    tapped = Tapped(pilot)
    report = pilot.ask()
    assert (report.persons, report.hits) == (100, 50)
    (url, body, headers), (back,) = pilot.pair.loop.sent[-1], tapped.answers
    packed = [json.loads(body)["request"], *(json.loads(back)[part] for part in ("setup", "response"))]
    traffic = b"\n".join([url.encode(), repr(headers).encode(), body, back, *map(base64.b64decode, packed)])
    words = {
        word for fields in PEOPLE for text in (fields["name"], *fields["father"]) for word in (text, *text.split())
    }
    held = who_with_tokens(pilot, "KE", "UG", ASKED_ABOUT)
    texts = {token.text for tokens in held.values() for token in tokens}
    facts = {token.fact for tokens in held.values() for token in tokens}
    ids = {str(record_id) for record_id in held}
    telling = {word for word in words | texts | facts | ids if len(word.encode()) >= TELLING}
    assert len(texts) >= 500
    assert len(telling & words) >= 100
    assert found_in(traffic, telling) == []
    planted = traffic + hashlib.sha256(sorted(texts)[0].encode()).digest()
    assert found_in(planted, texts) == [sorted(texts)[0]]


@pytest.mark.slow
def test_a_partner_that_guesses_a_hundred_thousand_persons_is_stopped(pilot: Pilot) -> None:
    for fields in PEOPLE[:20]:
        pilot.seek(society="UG", **fields)
    known = [held for held in who_with_tokens(pilot, "UG", "KE", ASKED_ABOUT).values() if len(held) >= LEAST]
    guesses = [(held[0].text, held[1].text) for held in known]
    guesses += [
        (f"{SCHEME}|guess {number} a", f"{SCHEME}|guess {number} b") for number in range(100_000 - len(guesses))
    ]
    Random(7).shuffle(guesses)
    tested = learned = 0
    refused = ""
    while not refused:
        session, part = uuid4(), guesses[tested : tested + pilot.settings.pre_check_elements // LEAST]
        blinded = psi.blind(session, (text for pair in part for text in pair))
        answer = pilot.send(json.dumps(pilot.draft(blinded, session)).encode())
        if answer.status_code != 200:
            refused = answer.json()["code"]
            break
        came = answer.json()
        setup, response = (base64.b64decode(came[name]) for name in ("setup", "response"))
        found = psi.shared(blinded, psi.Answered(setup, response, came["elements"]))
        tested, learned = tested + len(part), learned + sum(set(pair) <= found for pair in part)
    assert (refused, tested) == ("quota-reached", 10_000)
    assert learned <= len(known) // 3
    pilot.switch(pre_check_sessions_a_day=100)
    answer = pilot.send(json.dumps(pilot.draft()).encode())
    assert answer.json()["code"] == "quota-reached"


def test_two_desks_tokens_of_one_person_meet_and_those_of_a_sister_hardly() -> None:
    def facts(name: str, **fields: object) -> set[str]:
        record = {"id": "x", "names": [{"full": name}], "father": ["Yusuf Warsame"], "sex": "female"} | fields
        return {token.text for token in tokens_of(Person.from_neutral(record))}

    one = facts("Amina Yusuf Warsame", birth="1990")
    assert len(one & facts("Aamina Yuusuf Warsame", birth="1991")) >= LEAST
    assert one & facts("Hodan Yusuf Warsame", birth="1990") == set()
    assert facts("Amina Yusuf Warsame") <= {text for text in facts("Amina Yusuf Warsame") if "name_kin" in text}
    assert tokens_of(Person.from_neutral({"id": "x", "names": [{"full": "Amina"}]})) == ()
    assert all(text.startswith(SCHEME) for text in one)


def test_a_commitment_opens_with_its_set_and_key_and_no_other() -> None:
    session, texts = uuid4(), {f"token {number}" for number in range(30)}
    made = psi.blind(session, texts)
    again = psi.blind(session, texts, made.opening)
    assert (again.request, again.commitment, again.elements) == (made.request, made.commitment, made.elements)
    assert psi.commitment_of(uuid4(), made.opening, made.elements) != made.commitment
    other = psi.blind(session, texts)
    assert other.request != made.request
    assert psi.commitment_of(session, other.opening, made.elements) != made.commitment
    assert psi.commitment_of(session, made.opening, [*made.elements[1:], "another"]) != made.commitment


def test_the_size_of_a_set_tells_no_count() -> None:
    sizes = [psi.padded(count) for count in (0, 1, 999, 1000, 1001, 10_000, 10_001, 100_001)]
    assert sizes == [1000, 1000, 1000, 1000, 2000, 10_000, 20_000, 200_000]


@pytest.mark.slow
def test_on_fictional_lists_most_hits_are_right() -> None:
    figures = measure(1_000, 303, blind=False)
    assert figures["recall_2"] >= 0.55
    assert figures["precision_2"] >= 0.70
