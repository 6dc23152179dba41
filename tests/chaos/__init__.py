"""Real processes, killed under load; small inside `make test`, large in `make chaos`."""
