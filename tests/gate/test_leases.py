"""Work that one process does at a time."""

from tracing.gate.leases import alone
from tracing.gate.opening import Gate, open_gate


def test_one_at_a_time_and_free_afterwards(gate: Gate) -> None:
    other = open_gate(gate.settings)
    try:
        with alone(gate, "courier") as first, alone(other, "courier") as second, alone(other, "another") as third:
            assert first
            assert third
            assert second is gate.embedded  # which is served by one process
        with alone(other, "courier") as again:
            assert again
    finally:
        other.close()
