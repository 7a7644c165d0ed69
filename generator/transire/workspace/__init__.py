"""Generated files on disk: planned, compared, written, owned."""
