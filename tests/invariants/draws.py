"""What a rule of the machine draws from: who does it, to which, and what."""

from hypothesis import strategies as st

from tests.invariants.model import LEVELS
from tests.invariants.world import ABROAD

COLLEAGUES = ("ada", "bea", "cor", "ada-again")
ANYBODY = st.sampled_from([*COLLEAGUES, *COLLEAGUES, *COLLEAGUES, "dee", ABROAD, "asker"])
SOMEBODY = st.sampled_from(COLLEAGUES)
WHICH = st.integers(0, 11)
YES_OR_NO = st.booleans()
FOUND = ("amina", "omar", "other-amina")
SOUGHT = ("brother-0", "brother-1", "mother-0")
REQUESTS = ("brother", "mother")
LEVEL = st.sampled_from([*LEVELS, "share_contact", "agree_to_meeting"])
BY_HAND = st.sampled_from(
    [
        ("suspend", None),
        ("resume", None),
        ("resume", None),
        ("reopen", None),
        ("withdraw", None),
        ("close", "enquirer_withdrew"),
        ("close", None),
        ("ask_enquirer", None),
        ("answered", None),
        ("confirm_lead", None),
        ("verify", None),
        ("end_asking", "something_to_tell"),
        ("conclude", "reunified"),
    ]
)
ASKING = ("reach_out", "inform", "decline", "defer", "give_up", "find_incapable", "ask_guardian", "learn_of_death")
MESSAGES = st.sampled_from(["read", "read", "send", "send", "deliver", "deliver", "return", "fail", "refuse", "stop"])
REASONS = st.sampled_from(
    [
        "reconnected_contact_exchanged",
        "reconnected_message_only",
        "reunified",
        "alive_informed_no_contact",
        "fate_clarified_deceased",
        "fate_partially_clarified",
        "found_not_disclosed",
        "enquirer_unreachable",
    ]
)
DAYS = st.sampled_from([None, None, 2, 10])
