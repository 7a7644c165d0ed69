"""Guardrails without which there is nothing to generate: what is named must exist, once.

They run while values are read, so they know the collector of problems and references, and no
`context`: there is no organisation yet. No guardrail knows another.
"""
