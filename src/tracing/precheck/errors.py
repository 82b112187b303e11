"""What is refused of blind pre-checks."""

from tracing.kit.errors import Conflict


class OtherEngine(Conflict):
    """The partner makes match tokens in another way: nothing could be compared."""

    code = "other-engine"
    title = "Another version of the engine"


class ConsentChanged(Conflict):
    """Somebody's consent ended while the sets were compared: nothing is told, ask again."""

    code = "consent-changed"
    title = "A consent ended meanwhile"


class NotAnswered(Conflict):
    """The partner did not answer a pre-check, or not with an answer to it."""

    code = "not-answered"
    title = "The partner did not answer"
