"""Strategies: what tests draw at random, and rounds of them until everything was seen."""
