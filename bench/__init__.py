"""What the system costs: programs that measure and print, run by `make bench`."""
