"""Partner societies at the gate: who they are, how they prove it, and what of theirs opens the door."""
