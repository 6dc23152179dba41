"""Every setting, read once from the environment and `.env`, typed, frozen and checked."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from domain.budget import DailyCaps, Price, Rate
from entrypoints import source_values
from entrypoints.budget_values import dollars, micros, prices, rate
from entrypoints.setting_values import (
    InvalidSettings,
    Secret,
    cron,
    duration,
    duration_or_zero,
    masked,
    names,
    one_of,
    secret,
    text,
    url,
    whole,
    yes_or_no,
)

__all__ = ["InvalidSettings", "Secret", "Settings", "load", "read_environment"]

LONGEST_DRAIN = timedelta(seconds=20)
"""Leaves a third of the 30 s that a whole stop may take to the requests under way."""
PLUGIN_PORTS = ("CACHE", "SUMMARIZER", "LEAD_SOURCE")


def _setting(name: str, parse: Callable[[str], object], default: object = None) -> Any:
    return field(default=default, metadata={"name": name, "parse": parse})


_http = url("http", "https")


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings:
    """`None` means not set; what depends on other settings is worked out by `load`."""

    database_url: str = _setting(
        "DATABASE_URL",
        url("sqlite", "postgres", "postgresql", "memory"),
        "sqlite:///var/smart-crm.db",
    )
    redis_url: str | None = _setting("REDIS_URL", url("redis", "rediss", "unix"))
    api_secret_key: Secret | None = _setting("API_SECRET_KEY", secret)
    host: str = _setting("CRM_HOST", text, "127.0.0.1")
    port: int = _setting("CRM_PORT", whole(1, 65535), 3000)
    cache: str = _setting("CRM_CACHE", text, "none")
    jobs: str = _setting("CRM_JOBS", one_of("saq", "in_process"), "in_process")
    summarizers: tuple[str, ...] = _setting("CRM_SUMMARIZER", names, ("rules",))
    gemini_api_key: Secret | None = _setting("GEMINI_API_KEY", secret)
    gemini_model: str = _setting("GEMINI_MODEL", text, "gemini-3.8-flash")
    gemini_base_url: str | None = _setting("GEMINI_BASE_URL", _http)
    openai_api_key: Secret | None = _setting("OPENAI_API_KEY", secret)
    openai_model: str | None = _setting("OPENAI_MODEL", text)
    openai_base_url: str = _setting("OPENAI_BASE_URL", _http, "https://api.openai.com/v1")
    lead_sources: tuple[str, ...] = _setting("CRM_LEAD_SOURCE", names, ("randomuser",))
    randomuser_url: str = _setting("RANDOMUSER_URL", _http, "https://randomuser.me/api/")
    source_allow_private: bool = _setting("CRM_SOURCE_ALLOW_PRIVATE", yes_or_no, default=False)
    json_url: str | None = _setting("CRM_JSON_URL", _http)
    json_headers: Mapping[str, str] | None = _setting("CRM_JSON_HEADERS", source_values.headers)
    json_items: str = _setting("CRM_JSON_ITEMS", source_values.path, "$[*]")
    json_fields: Mapping[str, str] | None = _setting("CRM_JSON_FIELDS", source_values.fields)
    json_since: str | None = _setting("CRM_JSON_SINCE", source_values.parameter)
    json_next: tuple[str, ...] = _setting("CRM_JSON_NEXT", source_values.following, ("none",))
    lead_file: Path | None = _setting("CRM_LEAD_FILE", Path)
    sync_cron: str = _setting("CRM_SYNC_CRON", cron, "0 * * * *")
    sync_size: int = _setting("CRM_SYNC_SIZE", whole(1, 1_000_000), 10)
    import_max: int = _setting("CRM_IMPORT_MAX", whole(1, 10_000_000_000), 500_000_000)
    """In bytes."""
    summary_concurrency: int = _setting("CRM_SUMMARY_CONCURRENCY", whole(1, 10_000), 20)
    summary_timeout: timedelta = _setting("CRM_SUMMARY_TIMEOUT", duration, timedelta(seconds=30))
    summary_attempts: int = _setting("CRM_SUMMARY_ATTEMPTS", whole(1, 100), 8)
    summary_retry_base: timedelta = _setting(
        "CRM_SUMMARY_RETRY_BASE", duration, timedelta(seconds=5)
    )
    ai_mask_pii: bool = _setting("CRM_AI_MASK_PII", yes_or_no, default=False)
    ai_rate: Rate | None = _setting("CRM_AI_RATE", rate)
    ai_daily_calls: int | None = _setting("CRM_AI_DAILY_CALLS", whole(0, 1_000_000_000))
    ai_daily_cost: Decimal | None = _setting("CRM_AI_DAILY_COST", dollars)
    """In USD."""
    ai_prices: Mapping[str, Price] | None = _setting("CRM_AI_PRICES", prices)
    lease: timedelta = _setting("CRM_LEASE", duration, timedelta(seconds=15))
    sweep: timedelta = _setting("CRM_SWEEP", duration, timedelta(seconds=5))
    drain: timedelta = _setting("CRM_DRAIN", duration_or_zero, timedelta(0))
    require_if_match: bool = _setting("CRM_REQUIRE_IF_MATCH", yes_or_no, default=False)
    log_format: str | None = _setting("CRM_LOG_FORMAT", one_of("console", "json"))
    log_level: str = _setting("CRM_LOG_LEVEL", one_of("debug", "info", "warning", "error"), "info")
    sync_crons: Mapping[str, str] = field(default_factory=dict)
    """Schedules of single sources, by the source's name."""
    plugin_values: Mapping[str, str] = field(default_factory=dict)
    """What the environment says to plug-ins, by the variable's name."""

    @property
    def database(self) -> str:
        """`sql`, or `memory`: everything is forgotten when the process ends."""
        return "memory" if self.database_url.startswith("memory:") else "sql"

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def on_loopback(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def home(self) -> Path:
        """The folder of the SQLite file, where what belongs to it is kept."""
        path = self.database_url.removeprefix("sqlite://").partition("?")[0]
        return Path(path.removeprefix("/") if path.startswith("/") else path).parent

    @property
    def rate_limit(self) -> str:
        """`redis`, `memory` or `none`: where the calls of the AI are counted."""
        if self.ai_rate is None:
            return "none"
        return "memory" if self.redis_url is None else "redis"

    @property
    def daily_caps(self) -> DailyCaps:
        cost = None if self.ai_daily_cost is None else micros(self.ai_daily_cost)
        return DailyCaps(cost, self.ai_daily_calls)

    @property
    def prices(self) -> Mapping[str, Price]:
        return self.ai_prices or {}

    def cron_of(self, source: str) -> str:
        return self.sync_crons.get(source, self.sync_cron)

    def shown(self) -> dict[str, str]:
        """Every setting by its variable's name, secrets and passwords masked."""
        values = {
            item.metadata["name"]: masked(getattr(self, item.name))
            for item in fields(self)
            if item.metadata
        }
        crons = {f"CRM_SYNC_CRON_{name.upper()}": cron for name, cron in self.sync_crons.items()}
        return {**values, **crons, **dict.fromkeys(self.plugin_values, "********")}

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{k}={v!r}' for k, v in self.shown().items())})"


def read_environment(environ: Mapping[str, str], dotenv: Path = Path(".env")) -> dict[str, str]:
    """`.env` in the working folder, overridden by the environment; empty values count as unset."""
    from_file = {k: v for k, v in dotenv_values(dotenv).items() if v is not None}
    return {k: v.strip() for k, v in {**from_file, **environ}.items() if v.strip()}


def load(environ: Mapping[str, str], process: str = "serve") -> Settings:
    """The settings of one process (`serve`, `api`, `worker`, `cron`, …); InvalidSettings."""
    known = {item.metadata["name"]: item for item in fields(Settings) if item.metadata}
    values: dict[str, Any] = {
        item.name: _parsed(name, environ[name], item.metadata["parse"])
        for name, item in known.items()
        if name in environ
    }
    rest = {k: v for k, v in environ.items() if k.startswith("CRM_") and k not in known}
    values.setdefault("cache", _default_cache(environ, process))
    values.setdefault("jobs", "saq" if "REDIS_URL" in environ else "in_process")
    values.setdefault("summarizers", ("gemini" if "GEMINI_API_KEY" in environ else "rules",))
    values.setdefault("drain", timedelta(seconds=5 if process == "api" else 0))
    settings = Settings(**values)
    values["sync_crons"] = _taken_crons(rest, settings)
    values["plugin_values"] = _taken_by_plugins(rest, settings)
    _refuse_unknown(rest, known)
    settings = Settings(**values)
    _check_together(settings, process)
    return settings


def _default_cache(environ: Mapping[str, str], process: str) -> str:
    if "REDIS_URL" in environ:
        return "redis"
    return "memory" if process == "serve" else "none"


def _parsed(name: str, value: str, parse: Callable[[str], object]) -> object:
    try:
        return parse(value)
    except ValueError as error:
        shown = "" if name.endswith("_URL") else f"is {value!r}, but "
        raise InvalidSettings(f"{name} {shown}must be {error}") from None


def _taken_crons(rest: dict[str, str], settings: Settings) -> dict[str, str]:
    crons = {}
    for source in settings.lead_sources:
        name = f"CRM_SYNC_CRON_{source.upper()}"
        if name in rest:
            crons[source] = str(_parsed(name, rest.pop(name), cron))
    return crons


def _taken_by_plugins(rest: dict[str, str], settings: Settings) -> dict[str, str]:
    chosen = {
        "CACHE": (settings.cache,),
        "SUMMARIZER": settings.summarizers,
        "LEAD_SOURCE": settings.lead_sources,
    }
    prefixes = tuple(
        f"CRM_{port}_{name.upper()}_" for port in PLUGIN_PORTS for name in chosen[port]
    )
    return {name: rest.pop(name) for name in list(rest) if name.startswith(prefixes)}


def _refuse_unknown(rest: Mapping[str, str], known: Mapping[str, object]) -> None:
    for name in rest:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise InvalidSettings(f"{name} is not a setting of Smart CRM API{hint}")


def _check_together(settings: Settings, process: str) -> None:
    """What each value alone cannot tell."""
    needs_redis = [
        name
        for name, value in (("CRM_CACHE", settings.cache), ("CRM_JOBS", settings.jobs))
        if value in {"redis", "tiered", "saq"} and settings.redis_url is None
    ]
    if needs_redis:
        raise InvalidSettings(f"{needs_redis[0]} needs Redis, but REDIS_URL is not set")
    if settings.cache == "memory" and process in {"api", "worker", "cron"}:
        raise InvalidSettings(
            "CRM_CACHE=memory is for one process only (smart-crm serve); "
            "with several, take redis, tiered or none"
        )
    if settings.database == "memory" and process != "serve":
        raise InvalidSettings("DATABASE_URL=memory:// is for one process only (smart-crm serve)")
    if "gemini" in settings.summarizers and settings.gemini_api_key is None:
        raise InvalidSettings("CRM_SUMMARIZER=gemini needs GEMINI_API_KEY")
    if "openai" in settings.summarizers and settings.openai_model is None:
        raise InvalidSettings("CRM_SUMMARIZER=openai needs OPENAI_MODEL")
    _check_budget(settings, process)
    if "file" in settings.lead_sources and settings.lead_file is None:
        raise InvalidSettings("CRM_LEAD_SOURCE=file needs CRM_LEAD_FILE")
    if "json" in settings.lead_sources and not (settings.json_url and settings.json_fields):
        raise InvalidSettings("CRM_LEAD_SOURCE=json needs CRM_JSON_URL and CRM_JSON_FIELDS")
    if settings.lease < timedelta(seconds=1):
        raise InvalidSettings("CRM_LEASE must be at least 1 s")
    if settings.drain > LONGEST_DRAIN:
        raise InvalidSettings("CRM_DRAIN must be at most 20 s, as a stop ends within 30 s")


def _check_budget(settings: Settings, process: str) -> None:
    if settings.rate_limit == "memory" and process in {"api", "worker", "cron"}:
        raise InvalidSettings(
            "CRM_AI_RATE needs Redis where there are several processes, but REDIS_URL is not set"
        )
    models = {"gemini": settings.gemini_model, "openai": settings.openai_model}
    for summarizer in settings.summarizers:
        model = models.get(summarizer)
        if settings.ai_daily_cost is not None and model and model not in settings.prices:
            raise InvalidSettings(f"CRM_AI_DAILY_COST needs the price of {model} in CRM_AI_PRICES")
