"""The use cases in a simulated world: seeded order, virtual time, processes that may die."""
