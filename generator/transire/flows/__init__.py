"""Exact sets of flows: the mathematics, which knows no policy."""
