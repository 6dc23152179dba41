"""Stand-ins for the outside world that cannot be reached from a test."""
