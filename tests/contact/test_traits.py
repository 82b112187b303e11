"""The safe-contact rules, one row each: a point, a purpose, and why it must not be used."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tracing.contact.states import Bar, Purpose
from tracing.contact.traits import bars_of, bars_of_reporter, may_leave_voicemail
from tracing.persons.contacts import end_of, first_end
from tracing.persons.schemas import ContactPoint

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
P = Purpose


def point(**fields: Any) -> ContactPoint:
    return ContactPoint.model_validate({"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"} | fields)


class TestBars:
    @pytest.mark.parametrize(
        ("why", "fields", "purpose", "bars"),
        [
            ("safe, no limits", {}, P.CASE_UPDATE, []),
            ("safe, no limits", {}, P.OUTREACH, []),
            ("unsafe", {"safe": "no"}, P.CASE_UPDATE, [Bar.UNSAFE]),
            ("unsafe in an emergency, too", {"safe": "no"}, P.EMERGENCY, [Bar.UNSAFE]),
            ("nobody knows", {"safe": "unknown"}, P.EMERGENCY, [Bar.UNKNOWN]),
            ("over since yesterday", {"expires_at": "2026-03-14"}, P.CASE_UPDATE, [Bar.EXPIRED]),
            ("over from the day itself", {"expires_at": "2026-03-15"}, P.CASE_UPDATE, [Bar.EXPIRED]),
            ("not over before the day", {"expires_at": "2026-03-16"}, P.CASE_UPDATE, []),
            ("this month: maybe since its first", {"expires_at": "2026-03"}, P.CASE_UPDATE, [Bar.EXPIRED]),
            ("next month", {"expires_at": "2026-04"}, P.CASE_UPDATE, []),
            ("this year", {"expires_at": "2026"}, P.CASE_UPDATE, [Bar.EXPIRED]),
            ("nobody knows since when", {"expires_at": "../2030"}, P.CASE_UPDATE, [Bar.EXPIRED]),
            ("named", {"use_for": ["case_update"]}, P.CASE_UPDATE, []),
            ("not named", {"use_for": ["emergency"]}, P.CASE_UPDATE, [Bar.NOT_FOR_THIS_PURPOSE]),
            ("to reconfirm is an update", {"use_for": ["case_update"]}, P.RECONFIRMATION, []),
            ("a message is none", {"use_for": ["case_update"]}, P.MESSAGE_DELIVERY, [Bar.NOT_FOR_THIS_PURPOSE]),
            (
                "outreach is never named",
                {"use_for": ["case_update", "message_delivery", "emergency"]},
                P.OUTREACH,
                [Bar.NOT_FOR_THIS_PURPOSE],
            ),
            ("a shelter's", {"belongs_to": "shelter"}, P.CASE_UPDATE, [Bar.OF_A_SHELTER]),
            ("a shelter's, named", {"belongs_to": "shelter", "use_for": ["emergency"]}, P.EMERGENCY, []),
            ("a shelter's, for outreach", {"belongs_to": "shelter"}, P.OUTREACH, [Bar.OF_A_SHELTER]),
            ("a relative's", {"belongs_to": "relative"}, P.CASE_UPDATE, []),
            ("a relative's would be told", {"belongs_to": "relative"}, P.OUTREACH, [Bar.OF_A_RELATIVE]),
            ("a relative's would read", {"belongs_to": "relative"}, P.MESSAGE_DELIVERY, [Bar.OF_A_RELATIVE]),
            (
                "a relative's, named",
                {"belongs_to": "relative", "use_for": ["message_delivery"]},
                P.MESSAGE_DELIVERY,
                [],
            ),
            ("a worker's", {"belongs_to": "worker"}, P.OUTREACH, []),
            (
                "all at once",
                {"safe": "unknown", "belongs_to": "shelter", "expires_at": "2020", "use_for": ["case_update"]},
                P.EMERGENCY,
                [Bar.UNKNOWN, Bar.EXPIRED, Bar.NOT_FOR_THIS_PURPOSE, Bar.OF_A_SHELTER],
            ),
        ],
    )
    def test_are_those_of_the_rules(self, why: str, fields: dict[str, Any], purpose: Purpose, bars: list[Bar]) -> None:
        assert bars_of(point(**fields), purpose, NOW) == bars, why

    def test_only_safe_points_are_ever_used(self) -> None:
        for safe in ("no", "unknown"):
            for belongs_to in ("subject", "relative", "shelter", "worker"):
                for named in ([], ["case_update", "message_delivery", "emergency"]):
                    told = point(safe=safe, belongs_to=belongs_to, use_for=named)
                    assert all(bars_of(told, purpose, NOW) for purpose in Purpose)

    @pytest.mark.parametrize(
        ("purpose", "agreed", "bars"),
        [
            (P.CASE_UPDATE, True, []),
            (P.CASE_UPDATE, False, [Bar.NOT_TO_BE_CALLED]),
            (P.EMERGENCY, False, [Bar.NOT_TO_BE_CALLED]),
            (P.OUTREACH, True, [Bar.OF_THE_REPORTER]),
            (P.MESSAGE_DELIVERY, False, [Bar.NOT_TO_BE_CALLED, Bar.OF_THE_REPORTER]),
        ],
    )
    def test_of_a_reporter(self, purpose: Purpose, agreed: bool, bars: list[Bar]) -> None:
        assert bars_of_reporter(purpose, may_be_called=agreed) == bars


class TestVoicemail:
    @pytest.mark.parametrize(
        ("fields", "may"),
        [
            ({}, False),
            ({"may_leave_voicemail": True}, True),
            ({"may_leave_voicemail": True, "shared_device": False}, True),
            ({"may_leave_voicemail": True, "shared_device": True}, False),
            ({"may_leave_voicemail": True, "kind": "email"}, False),
        ],
    )
    def test_is_left_only_where_it_was_allowed_and_nobody_else_listens(self, fields: dict[str, Any], may: bool) -> None:
        assert may_leave_voicemail(point(**fields)) is may


class TestEnd:
    def test_of_a_point_without_one_never_comes(self) -> None:
        assert end_of(point()) is None

    def test_that_comes_first_is_that_of_a_point_which_is_not_over(self) -> None:
        points = [point(expires_at=text) for text in ("2026-05", "2026-04-02", "2020", "2026-03-15")]
        assert first_end([*points, point()], NOW) == datetime(2026, 4, 2, tzinfo=UTC)
        assert first_end([point(expires_at="2020"), point()], NOW) is None
