"""Strategies: what tests draw at random."""
