"""Guardrails about what an entry needs besides its destinations: reason, ticket, date and size.

Each knows `context` and, of a destination, only its kind. No guardrail knows another.
"""
