"""Words of disclosure (domain.md §6.4): what the found person lets one enquirer learn, and what needs four eyes."""

from enum import StrEnum


class Level(StrEnum):
    """What the found person allows, from nothing upward; each level includes those before it."""

    NOTHING = "nothing"
    SAY_ALIVE_ONLY = "say_alive_only"
    PASS_MESSAGE = "pass_message"  # noqa: S105  # no password: their message may be passed to the enquirer
    RECEIVE_MESSAGE = "receive_message"  # and the enquirer's to them
    SHARE_CONTACT = "share_contact"
    SHARE_LOCATION = "share_location"
    AGREE_TO_MEETING = "agree_to_meeting"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for nothing."""
        return list(Level).index(self)

    def covers(self, needed: "Level") -> bool:
        """Return whether this level includes `needed`."""
        return self.rank >= needed.rank


class Answer(StrEnum):
    """What the found person said. A no, and silence, allow nothing."""

    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """Acts that one worker proposes and another approves."""

    VERIFICATION = "verification"
    OUTREACH = "outreach"
    DISCLOSURE = "disclosure"
    MESSAGE = "message"
    FATE = "fate"
    ERASURE = "erasure"
    EXCHANGE = "exchange"


class Standing(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    TURNED_DOWN = "turned_down"
