"""Cilium's objects as its API server and agent take them."""
