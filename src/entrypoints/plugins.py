"""Adapters of other packages, chosen by name like our own."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from dependency_injector import providers

from entrypoints.settings import InvalidSettings, Settings


def take_plugins(container: Any, settings: Settings) -> None:
    """Where a setting names no built-in adapter, an installed plug-in of that name serves."""
    if settings.cache not in container.cache.providers:
        cache = _plugin("smart_crm.caches", settings.cache)
        container.cache.override(providers.Singleton(cache, settings))
    for group, aggregate, names in (
        ("smart_crm.summarizers", container.summarizer, settings.summarizers),
        ("smart_crm.lead_sources", container.lead_source, settings.lead_sources),
    ):
        built_in = aggregate.providers
        plugins = {
            name: providers.Singleton(_plugin(group, name), settings)
            for name in names
            if name not in built_in
        }
        if plugins:
            aggregate.set_providers({**built_in, **plugins})


def _plugin(group: str, name: str) -> Callable[[Settings], Any]:
    """The `build(settings)` that an installed package offers under this name."""
    found = entry_points(group=group, name=name)
    if not found:
        raise InvalidSettings(f"{name!r} is neither built in nor a plug-in of {group}")
    build: Callable[[Settings], Any] = next(iter(found)).load()
    return build
