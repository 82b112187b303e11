from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.dates.edtf import DateError, parse


def days(text: str) -> tuple[str | None, ...]:
    return tuple(None if day is None else date.fromordinal(day).isoformat() for day in parse(text).span())


class TestParse:
    @pytest.mark.parametrize(
        ("text", "first", "last", "why"),
        [
            ("1990", "1990-01-01", "1990-12-31", "year"),
            ("1990-02", "1990-02-01", "1990-02-28", "month"),
            ("2000-02", "2000-02-01", "2000-02-29", "leap century"),
            ("1990-05-12", "1990-05-12", "1990-05-12", "day"),
            ("1984?", "1984-01-01", "1984-12-31", "uncertain"),
            ("1984-06~", "1984-06-01", "1984-06-30", "approximate"),
            ("1984-06-02%", "1984-06-02", "1984-06-02", "both"),
            ("198X", "1980-01-01", "1989-12-31", "decade"),
            ("19XX", "1900-01-01", "1999-12-31", "century"),
            ("1984-XX", "1984-01-01", "1984-12-31", "unknown month"),
            ("1984-05-XX", "1984-05-01", "1984-05-31", "unknown day"),
            ("1988/1992", "1988-01-01", "1992-12-31", "interval"),
            ("1988-05~/1992?", "1988-05-01", "1992-12-31", "interval of uncertain ends"),
            ("1988/..", "1988-01-01", None, "open end"),
            ("../1990", None, "1990-12-31", "open beginning"),
        ],
    )
    def test_reads_the_span_of_days(self, text: str, first: str, last: str, why: str) -> None:
        assert days(text) == (first, last), why

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " 1990",
            "1990 ",
            "90",
            "1990-5",
            "1990-13",
            "1990-00",
            "1990-02-30",
            "1900-02-29",
            "1990-05-00",
            "0000",
            "198x",
            "19xx",
            "1XXX",
            "XXXX",
            "198X?",
            "198X-05",
            "1984-XX-12",
            "1984-XX-XX",
            "1990/",
            "/1990",
            "../..",
            "1992/1988",
            "1990/1991/1992",
            "1990-05-12T10:00",
            "+1990",
            "-1990",
            "Y19900",
            "1990?~",
            "۱۹۹۰",
            "1990\n",
        ],
    )
    def test_refuses_every_other_form(self, text: str) -> None:
        with pytest.raises(DateError):
            parse(text)

    def test_never_repeats_the_text_in_its_message(self) -> None:
        with pytest.raises(DateError) as refused:
            parse("Hassan-secret")
        assert "Hassan" not in str(refused.value)

    @pytest.mark.parametrize(("text", "is_vague"), [("1984?", True), ("1984", False), ("1984/1985~", True)])
    def test_knows_marks_of_doubt(self, text: str, is_vague: bool) -> None:
        assert parse(text).is_vague is is_vague


_DAYS = st.dates(min_value=date(1, 1, 1)).map(date.isoformat)
_SINGLE = st.one_of(
    st.builds(
        "{}{}".format,
        _DAYS | _DAYS.map(lambda d: d[:7]) | _DAYS.map(lambda d: d[:4]),
        st.sampled_from(["", *"?~%"]),
    ),
    _DAYS.map(lambda d: d[:3] + "X"),
    _DAYS.map(lambda d: d[:2] + "XX"),
    _DAYS.map(lambda d: d[:4] + "-XX"),
    _DAYS.map(lambda d: d[:7] + "-XX"),
)


class TestText:
    @given(_SINGLE)
    def test_round_trips(self, text: str) -> None:
        assert str(parse(text)) == text
        assert parse(str(parse(text))) == parse(text)

    @given(_SINGLE, _SINGLE)
    def test_intervals_round_trip_or_run_backwards(self, left: str, right: str) -> None:
        text = f"{left}/{right}"
        try:
            parsed = parse(text)
        except DateError:
            assert parse(left).span() > parse(right).span()
        else:
            assert str(parsed) == text

    @given(_SINGLE)
    def test_spans_run_forwards(self, text: str) -> None:
        first, last = parse(text).span()
        assert first is not None
        assert last is not None
        assert first <= last
