"""What a change really opens and closes, for a reviewer."""
