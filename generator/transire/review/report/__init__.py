"""The whole organisation at a glance: what the values mean, and what engines make of it."""
