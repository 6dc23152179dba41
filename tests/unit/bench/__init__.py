"""What the benches print and work out; nothing here measures time."""
