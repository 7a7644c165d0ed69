"""Versions of charts: what a change comes to, the list of changes, what a revision released.

It compares charts and knows no cluster.
"""
