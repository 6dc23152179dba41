"""When the garbage collector runs, in processes that live long."""

import gc

YOUNG = 50_000
"""New objects before the youngest are looked through: about those of a thousand requests."""
OLDER = 20
"""Looks through the youngest before older ones are, too."""


def hold() -> None:
    """Look for no cycles from here on, while modules are imported: they are there to stay."""
    gc.disable()


def keep() -> None:
    """Never look through what was imported since `hold`, and begin to look through the rest."""
    gc.freeze()
    gc.enable()


def settle() -> None:
    """Never look again through what the start has left, and less often through the rest.

    What is used up goes by its reference count, as ever; this is about cycles only, whose search
    stops everything for a tenth of a second where it goes through all that was imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
