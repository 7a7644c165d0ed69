"""The values that all enforcement points share, and what each of them declares."""
