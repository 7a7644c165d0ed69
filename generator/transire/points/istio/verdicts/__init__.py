"""One request at a time: what a sidecar, an egress gateway or a waypoint makes of it."""
