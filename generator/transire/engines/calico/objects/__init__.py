"""Calico's objects as its API server and Felix take them: schema, validation, selectors, rules.

It knows no flow and no question; `verdicts` and `sets` stand on it.
"""
