"""Guardrails about where traffic ends, whether a host or an address range leads there.

Each knows `context`, what host patterns mean and the arithmetic of networks. No guardrail knows
another.
"""
