"""Real PostgreSQL and Redis servers for tests: found on this machine or started on it."""
