"""The limits that we are held against: the least that a program can do for the same answer."""
