"""Guardrails about names: which hosts a rule may have, and which are written for nothing.

Each knows `context` and what host patterns mean. No guardrail knows another.
"""
