"""A fictional case base: invented families, and the records that different clerks make of them."""
