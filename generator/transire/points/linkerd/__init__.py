"""Linkerd as a point: EgressNetwork with routes, by source and documentation, never run."""
