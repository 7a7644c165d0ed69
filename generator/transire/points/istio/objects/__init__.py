"""Istio's objects as an API server and its webhook take them."""
