"""Charts to the registry: what is due, what is there, and what is pushed."""
