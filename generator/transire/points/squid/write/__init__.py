"""What we write for Squid."""
