"""A case base kept apart and brought back: writing, reading, restoring, what a restore ends again, and the drill."""
