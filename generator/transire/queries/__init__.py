"""Questions about single flows, and what a cluster holds."""
