"""What the night asks of searches: dates and states only, nobody's details."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tracing.gate.access import Access
from tracing.gate.dues import Bookmark, Due
from tracing.requests import states, store
from tracing.requests.states import State


def looked_for(access: Access, request_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of some hundreds of requests that seek somebody still."""
    over = (*states.ENDED, State.NOT_ACCEPTED)
    return {row[0] for row in store.states_below(access, request_ids) if row[1] not in over}


def silent(access: Access, bookmark: Bookmark, state: State) -> list[Due]:
    """Return the next page of searches that lie in `state`, unchanged for `silence_days`, and since when."""
    before = access.now - timedelta(days=access.settings.silence_days)
    return store.unchanged_since(access, state, before, bookmark)
