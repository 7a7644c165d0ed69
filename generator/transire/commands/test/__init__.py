"""`test`: expectations held against what the values come to."""
