"""What the system does, as use cases over ports."""
