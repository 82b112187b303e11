"""What an answer may say: of a found person what its level allows, and nothing beyond it."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from tests.exchange.envelopes import envelope
from tracing.exchange.envelope import AnswerPayload
from tracing.exchange.states import Kind


def told(level: str, said: dict[str, Any]) -> AnswerPayload:
    content = {"level": level, "may_write": False} | said
    payload = {"finding": "told", "text": None, "handle": uuid4(), "level": level, "told": content}
    made = envelope(Kind.PROVIDE_ANSWER, uuid4(), payload=payload).payload
    assert isinstance(made, AnswerPayload)
    return made


class TestTold:
    @pytest.mark.parametrize(
        ("level", "said"),
        [
            ("say_alive_only", {}),
            ("pass_message", {"words_to_pass": "I am well."}),
            ("share_contact", {"contact_to_share": "+256 700 555 0199", "may_write": True}),
            ("agree_to_meeting", {"meeting": "At the branch, on Monday.", "location_to_share": "Kampala"}),
        ],
    )
    def test_says_what_its_level_allows(self, level: str, said: dict[str, Any]) -> None:
        assert told(level, said).told is not None

    @pytest.mark.parametrize(
        ("level", "said"),
        [
            ("share_location", {"level": "say_alive_only"}),
            ("say_alive_only", {"level": "share_location"}),
            ("nothing", {}),
            ("say_alive_only", {"may_write": True}),
            ("say_alive_only", {"words_to_pass": "I am well."}),
            ("pass_message", {"contact_to_share": "+256 700 555 0199"}),
            ("share_contact", {"location_to_share": "shelter behind the old market"}),
            ("share_location", {"meeting": "At the branch, on Monday."}),
        ],
    )
    def test_that_says_more_or_something_else_is_refused(self, level: str, said: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="what its level allows"):
            told(level, said)
