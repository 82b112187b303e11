"""What can go wrong with a task."""

from tracing.kit.errors import Conflict


class SettledBefore(Conflict):
    """Somebody has settled the task."""

    code = "task-settled"
    title = "The task was settled before"
