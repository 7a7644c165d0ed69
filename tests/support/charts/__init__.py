"""Charts rendered, and their objects checked."""
