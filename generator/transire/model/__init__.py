"""Frozen values that every room speaks in; nothing here imports a room above."""
