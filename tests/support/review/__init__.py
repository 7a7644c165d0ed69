"""Reports and differences of an example."""
