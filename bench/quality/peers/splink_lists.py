"""Splink 5 on lists, set up as its documentation advises for persons.

Names romanised, EM-trained without labels, term frequencies on names and places, several blocking rules.
"""

import logging
import sys
from typing import Any

import pandas as pd
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.quality.peers.lists import told

_SAMPLED_PAIRS = 1e6
_RULES = (
    ("first_name", "surname"),
    ("substr(first_name,1,3)", "substr(surname,1,3)"),
    ("first_name", "birth_year"),
    ("surname", "birth_year"),
    ("first_name", "father"),
    ("dob",),
    ("substr(first_name,1,2)", "birth_place", "birth_year"),
    ("substr(first_name,1,2)", "last_place", "birth_year"),
    ("substr(first_name,1,2)", "postcode"),
    ("substr(surname,1,2)", "postcode"),
    ("street",),
    ("suburb", "substr(dob,1,3)"),
)
_TRAINING = (("first_name", "surname"), ("birth_year", "first_name"), ("dob",))
_CLOSE = [0.92, 0.8]


def _comparisons() -> dict[str, Any]:
    return {
        "first_name": cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        "surname": cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        "dob": cl.DateOfBirthComparison("dob", input_is_string=True),
        "birth_year": cl.ExactMatch("birth_year"),
        "father": cl.JaroWinklerAtThresholds("father", _CLOSE),
        "mother": cl.JaroWinklerAtThresholds("mother", _CLOSE),
        "birth_place": cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        "last_place": cl.JaroWinklerAtThresholds("last_place", _CLOSE),
        "street": cl.JaroWinklerAtThresholds("street", _CLOSE),
        "suburb": cl.JaroWinklerAtThresholds("suburb", _CLOSE).configure(term_frequency_adjustments=True),
        "postcode": cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        "sex": cl.ExactMatch("sex"),
    }


def match(tables: list[pd.DataFrame], minimum: float) -> list[tuple[str, str, float, float]]:
    """(left, right, weight in bits, probability) of all pairs of at least `minimum`; one table: with itself."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    columns = told(tables)
    rules = [block_on(*rule) for rule in _RULES if _stands_on(rule, columns)]
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[comparison for name, comparison in _comparisons().items() if name in columns],
    )
    api = DuckDBAPI()
    registered = [api.register(pa.Table.from_pandas(frame, preserve_index=False)) for frame in tables]
    linker = Linker(registered if len(registered) > 1 else registered[0], settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("first_name", "surname", "birth_year")], recall=0.4
    )
    training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=1)
    for rule in _TRAINING:
        if _stands_on(rule, columns):
            _train(training, rule)
    found = linker.inference.predict(threshold_match_probability=minimum).as_duckdbpyrelation().df()
    ids = set(tables[0]["unique_id"])
    pairs = zip(found.unique_id_l, found.unique_id_r, found.match_weight, found.match_probability, strict=True)
    return [(a, b, w, p) if len(tables) == 1 or a in ids else (b, a, w, p) for a, b, w, p in pairs]


def _train(training: Any, rule: tuple[str, ...]) -> None:
    try:
        training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), estimate_without_term_frequencies=True
        )
    except Exception as error:  # noqa: BLE001  # a rule that brings no pair is no reason to stop
        print(f"{rule}: {error}", file=sys.stderr)


def _stands_on(rule: tuple[str, ...], columns: list[str]) -> bool:
    return all(any(name in part for name in columns) for part in rule)
