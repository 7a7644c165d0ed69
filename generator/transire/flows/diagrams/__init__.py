"""Decision diagrams over strings and numbers."""
