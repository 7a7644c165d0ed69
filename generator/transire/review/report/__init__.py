"""The whole organisation at a glance: what the values say, and what engines make of it."""
