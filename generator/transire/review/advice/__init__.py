"""What to set in a cluster: advice of its engine, and what follows from values alone."""
