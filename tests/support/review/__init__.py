"""Reports and differences of an example, and the browser that opens pages."""
