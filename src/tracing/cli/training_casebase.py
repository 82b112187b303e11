"""Decisions of a case base as evidence to learn from; apart from `training`, which needs neither settings nor gate."""

import numpy as np
from numpy.typing import NDArray

from tracing.cli import door
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.errors import Refused
from tracing.matching.arrays import Levels
from tracing.matching.training.pairs import Extra
from tracing.review import service


def decided(society: str, token: str | None) -> tuple[Levels, Extra, list[bool], NDArray[np.float64]]:
    """(levels, extra, labels, priors) of the society's decided pairs; no person is opened.

    Raises:
        Refused: the token is of another society, or lacks the permission.
    """
    with door.access_for(token, Permission.WEIGHTS_TRAIN, Use.MATCH) as access:
        if access.society != society:
            raise Refused("the token is of another society than --society")
        found = service.decided_pairs(access)
    return found.levels, found.extra, found.labels, found.priors
