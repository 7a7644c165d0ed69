"""What any configuration of Squid lets through, whoever wrote it."""
