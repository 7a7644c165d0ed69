"""What meaning and lowering both take for granted.

A proof compares what the values mean with what rendered objects allow. Both sides look here, so a
mistake here is in both and no proof finds it: where pods resolve names, which addresses lie
outside a cluster, which names pods may query. Each premise is pinned by a table in
`tests/meaning/test_premises.py`, and the README lists them.
"""
