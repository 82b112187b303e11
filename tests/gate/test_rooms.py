"""How many messages of one account are worked on at once."""

from uuid import uuid4

import pytest

from tracing.gate.rooms import AT_ONCE, Rooms
from tracing.kit.errors import TooMany


class TestRooms:
    def test_hold_so_many_of_each_and_tell_the_next_to_come_back(self) -> None:
        rooms, account = Rooms(), uuid4()
        assert AT_ONCE == 2
        with rooms.entered(account), rooms.entered(account):
            with pytest.raises(TooMany), rooms.entered(account):
                pass
            with rooms.entered(uuid4()):
                pass

    def test_are_free_again_however_the_work_ended(self) -> None:
        rooms, account = Rooms(1), uuid4()
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), rooms.entered(account):
                raise ZeroDivisionError
        assert not rooms._inside
