"""What values mean, as sets of flows, and the premises it takes."""
