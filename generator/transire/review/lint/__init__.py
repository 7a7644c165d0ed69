"""Traps in policies, however they were written: rules, what they look at, and how they are run.

Lint may know the shape that every engine gives its policies (`engines/api/policy_shape`) and asks
the engine for the rest (`engines/api/policy_view`). It judges nothing: verdicts are `proof`'s.
"""
