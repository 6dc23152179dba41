"""The bootstrap key: given by the settings, or made at the first start on one's own machine."""

import os
import secrets
from pathlib import Path

from entrypoints.settings import InvalidSettings, Settings

KEY_FILE = "api-key"


def api_key(settings: Settings) -> str:
    """The key in use; made and kept beside the database where only this machine can reach it."""
    if settings.api_secret_key is not None:
        return settings.api_secret_key.value
    if settings.database == "memory" and settings.on_loopback:
        return _fresh_key()
    if not (settings.on_sqlite and settings.on_loopback):
        raise InvalidSettings(
            "API_SECRET_KEY must be set, unless the database is SQLite and CRM_HOST is loopback"
        )
    return _kept_key(settings.home / KEY_FILE)


def _kept_key(path: Path) -> str:
    """Read the key, or be the first to write one; two starts at once agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{_fresh_key()}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()


def _fresh_key() -> str:
    return f"crm_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
