"""What each network policy engine can say, and what its objects mean."""
