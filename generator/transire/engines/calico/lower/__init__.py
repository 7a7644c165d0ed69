"""Calico Enterprise: what it can say and what its objects mean."""
