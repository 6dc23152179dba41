"""The REST API on Litestar, with what must stand in front of the router."""
