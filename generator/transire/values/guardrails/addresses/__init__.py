"""Guardrails about address ranges: how wide they may be, and whether they take traffic at all.

Each knows `context`, the arithmetic of networks and what a cluster makes of a range. No guardrail
knows another.
"""
