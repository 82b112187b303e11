"""What can go wrong with a sighting."""

from tracing.kit.errors import Conflict, Invalid


class NoSuchTransition(Conflict):
    """The event does not fit the state that the sighting is in."""

    code = "no-such-transition"
    title = "That step is not possible now"


class DeathNeedsTwoWorkers(Invalid):
    """A death is never recorded by one worker from one report (domain.md §5.6, §6.1)."""

    code = "death-needs-two-workers"
    title = "A death cannot be recorded as a sighting"
