"""What all benches are told."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Options:
    """`rounds` interleaved rounds of `seconds` each; `client` is `wrk` or `bundled`.

    `connections` send one request after the other, all at once.
    """

    rounds: int = 5
    seconds: float = 3.0
    client: str = "wrk"
    connections: int = 64

    @property
    def of_database(self) -> "Options":
        """Half as many connections: they keep a pool of ten busy, and more would only wait."""
        return replace(self, connections=self.connections // 2)
