"""The list of cultures in the demo."""

from __future__ import annotations

from tracing.demo.cultures import (
    Culture,
    chain,
    east_slavic,
)

_WAR = ("conflict", "conflict", "population_movement", "arrest_and_detention")
_ROUTE = ("migration", "shipwreck_or_border", "trafficking_or_exploitation")

CULTURES: tuple[Culture, ...] = (
    Culture("syrian", "Arab", "ar", ("arabic", "arabic_syrian"), chain(1, True), ("SY",),
            ("TR", "LB", "GR", "DE", "GB"), (2012, 2020), (*_WAR, *_ROUTE), "SY", kunya=True),
    Culture("somali", "Latn", "so", ("somali",), chain(2, False), ("SO",), ("KE", "YE", "IT", "GB"), (2004, 2022),
            (*_WAR, *_ROUTE, "natural_disaster"), "SO", "none", placeholder=0.45),
    Culture("ukrainian", "Cyrl", "uk", ("ukrainian",), east_slavic, ("UA",), ("PL", "DE", "GB"), (2022, 2024),
            (*_WAR, "deportation_or_return"), "UA", wife_takes_name=True, placeholder=0.01),
)
