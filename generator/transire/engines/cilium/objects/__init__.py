"""Cilium's objects as its API server and agent take them: schema, defaults, validation, rules.

It knows no flow and no question; `verdicts` and `sets` stand on it.
"""
