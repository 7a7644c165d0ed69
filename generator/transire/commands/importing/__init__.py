"""`import`: policies that people wrote, as values, with the proof that both allow the same."""
