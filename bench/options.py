"""What all benches are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`rounds` interleaved rounds of `seconds` each; `client` is `wrk` or `bundled`."""

    rounds: int = 5
    seconds: float = 3.0
    client: str = "wrk"
    connections: int = 64
