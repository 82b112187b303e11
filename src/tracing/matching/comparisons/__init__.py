"""Comparisons: each looks at one kind of evidence in two readings and says which level the pair reaches."""
