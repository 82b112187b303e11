"""Where the night scores its shards: on this machine, or on an operator's cluster."""
