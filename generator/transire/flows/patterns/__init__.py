"""Patterns of names as regular languages."""
