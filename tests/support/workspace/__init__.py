"""Trees of files, repositories, and runs that are killed."""
