"""Squid: configuration that lets through exactly what is meant, and what any configuration does."""
