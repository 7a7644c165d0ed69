"""Exact sets of flows, with union, intersection, difference and a witness of every set.

Mathematics: it knows no policy, no engine and no values file.
"""
