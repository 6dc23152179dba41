"""The business: leads, their summaries and where they come from, with no I/O."""
