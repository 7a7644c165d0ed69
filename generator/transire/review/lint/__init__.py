"""Traps in policies, however they were written: rules, what they look at, and how they are run.

Lint may use the shape that every engine gives its policies (`engines/api/policy_shape`) and gets
the rest from the engine (`engines/api/policy_view`). It judges nothing: verdicts are `proof`'s.
"""
