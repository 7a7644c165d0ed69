"""Traps in address ranges: what they cover by the way, and what they cannot mean."""
