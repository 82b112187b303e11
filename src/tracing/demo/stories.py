"""The story of a separation in a sentence or two, without anybody's name."""

from __future__ import annotations

from random import Random

_STORIES = {
    "conflict": (
        "Lost contact when shelling forced everyone out of {place}.",
        "The house in {place} was hit; some relatives left by another road and did not arrive.",
        "Armed men came to {place}; the family ran in different directions.",
    ),
    "population_movement": (
        "Left {place} in a crowd of displaced people and was last seen at a checkpoint.",
        "The buses from {place} went to different towns; nobody knew which one they took.",
    ),
    "arrest_and_detention": (
        "Taken away at a checkpoint near {place}; no news from any place of detention since.",
        "Detained in {place}. A released man said he saw them alive some months later.",
    ),
    "migration": (
        "Set out from {place} to look for work abroad; the last call came from the road.",
        "Travelled on from {place} with a group; the telephone has been off since then.",
    ),
    "shipwreck_or_border": (
        "Was to board a boat after leaving {place}; the group reached shore without them.",
        "Separated at a border crossing after {place} when the police divided the group.",
    ),
    "trafficking_or_exploitation": (
        "Promised work by an acquaintance in {place}; calls stopped after two weeks.",
        "Taken from {place} by people who kept the documents; contact was forbidden.",
    ),
    "natural_disaster": (
        "The flood took the lower part of {place}; people were carried to several shelters.",
        "After the earthquake in {place} the injured were flown out and the lists were lost.",
    ),
    "deportation_or_return": (
        "Put on a transport out of {place}; the destination was never told.",
        "Returned against their will after {place}; no call since the journey.",
    ),
    "entrusted_into_the_care_of_an_individual": ("Left as a small child with a neighbour in {place} for some days.",),
    "adoption_or_care_system": ("Placed in a children's home in {place} and later moved; papers are missing.",),
    "poverty": ("Went from {place} to the city for a season's work and did not come back.",),
    "caafag": ("Taken by an armed group near {place} together with other young people.",),
    "family_abuse_violence_exploitation": ("Left {place} at night to get away from violence at home.",),
    "repatriation": ("Sent home from the camp near {place} with another convoy.",),
    "unknown": ("Was not at home in {place} when the family came back; neighbours knew nothing.",),
}


def circumstances(rng: Random, cause: str, place: str) -> str:
    """A short account that fits the cause; the place is named as the clerk wrote it."""
    return rng.choice(_STORIES.get(cause, _STORIES["unknown"])).format(place=place)
