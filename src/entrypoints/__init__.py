"""How the system is started: over HTTP, as a worker, by the clock, from the command line."""
