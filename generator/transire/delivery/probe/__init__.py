"""Probes: pods that try what their namespace may reach, and what it may not.

A probe is a Job with a shell script and a plan, made from a target of the values; it prints TAP.
The room knows values and targets, and no engine: what a denial looks like follows from what the
cluster's policies check (names at the resolver, TLS server names).
"""
