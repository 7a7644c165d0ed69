"""Calico open source: what it can say and what its objects mean."""
