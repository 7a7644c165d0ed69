"""What probes printed where they ran: read again, judged together, and shown."""
