"""How old a signed request may be, and how far ahead the clock of whoever sent it."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracing.kit import clock
from tracing.kit.signatures import Unsigned, sign, verify

URL = "https://exchange.example/v1/exchange/UG/inbox"
KEY = Ed25519PrivateKey.generate()


def shown(seconds: int) -> str:
    """Return whose request it is that was signed so many seconds from now."""
    created = clock.now() + timedelta(seconds=seconds)
    headers = {name.lower(): value for name, value in sign(KEY, "one", "POST", URL, b"{}", created=created).items()}
    return verify(lambda _: KEY.public_key(), "POST", URL, headers, b"{}").key_id


class TestTime:
    @pytest.mark.parametrize("seconds", [-295, -60, 0, 6, 25])
    def test_within_five_minutes_and_a_clock_that_is_a_little_fast(self, seconds: int) -> None:
        assert shown(seconds) == "one"

    @pytest.mark.parametrize("seconds", [-(10**6), -302, 35, 300, 10**6])
    def test_beyond_is_not_signed(self, seconds: int) -> None:
        with pytest.raises(Unsigned):
            shown(seconds)
