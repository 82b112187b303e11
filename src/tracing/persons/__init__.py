"""How a person, a place and a consent are written down; shared by every feature that registers people."""
