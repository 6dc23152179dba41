"""The id of the request that is being answered, for every line of the log that it causes."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of its task, as each request has one of its own; None in all others."""
