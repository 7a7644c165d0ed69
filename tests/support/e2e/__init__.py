"""A real API server for tests, and a small client of it."""
