"""Patterns of names as regular languages: globs, regular expressions, and their wording.

It stands on `diagrams` and knows no flow.
"""
