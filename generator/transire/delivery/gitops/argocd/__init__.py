"""Argo CD: projects, Applications, settings.

It may use what both tools share, and imports nothing of Flux.
"""
