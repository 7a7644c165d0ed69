"""Values files in, one frozen `Organisation` out, or every mistake at once."""
