"""The rules of keeping contact: no HTTP, no SQL."""

from uuid import UUID

from tracing.contact import store
from tracing.contact.errors import NotExhausted
from tracing.contact.states import Result
from tracing.gate.access import Access


def require_exhausted(access: Access, record_id: UUID) -> None:
    """Refuse to call somebody unreachable before they were tried often enough since they were last reached.

    Enough is `attempts_least` tries over `attempts_channels` channels, the first and the last of them
    `attempts_days` days apart.

    Raises:
        NotExhausted: one of the three falls short.
    """
    made = store.attempts(access, record_id)
    reached = [place for place, attempt in enumerate(made) if attempt.result is Result.REACHED]
    made = made[reached[-1] + 1 :] if reached else made
    settings = access.settings
    enough = (
        len(made) >= settings.attempts_least
        and len({attempt.channel for attempt in made}) >= settings.attempts_channels
        and (made[-1].made_at - made[0].made_at).days >= settings.attempts_days
    )
    if not enough:
        raise NotExhausted(
            f"unreachable means {settings.attempts_least} tries over {settings.attempts_channels} channels and "
            f"{settings.attempts_days} days since the person was last reached"
        )
