"""Istio: what sidecars, egress gateways and waypoints let through."""
