"""Training: what the engine's tables are learned from, and how."""
