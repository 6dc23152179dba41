"""Whom a server runs as: PostgreSQL refuses root, so root lends it an account that owns nothing."""

import os
import pwd
import shutil
from pathlib import Path
from typing import TypedDict

from tests.engines.arms import Unavailable

# `postgres` comes after `nobody` because it may own a real cluster on the same machine
ACCOUNTS = ("nobody", "postgres", "daemon")


class Identity(TypedDict, total=False):
    """What subprocess takes to run a program as another user; empty for ourselves."""

    user: int
    group: int
    extra_groups: list[int]


OURSELVES = Identity()


def unprivileged() -> Identity:
    """Ourselves, or for root the first account of the machine that is not root."""
    if os.geteuid() != 0:
        return OURSELVES
    known = {account.pw_name: account for account in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            account = known[name]
            return Identity(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    raise Unavailable(f"root may not run it and has none of the accounts {', '.join(ACCOUNTS)}")


def give(folder: Path, identity: Identity) -> None:
    """Make that identity the owner of a folder of ours."""
    if identity:
        shutil.chown(folder, identity["user"], identity["group"])
