"""Adapters of other packages, chosen by name like our own."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from dependency_injector import providers

from entrypoints.settings import InvalidSettings, Settings


def take_plugins(container: Any, settings: Settings) -> None:
    """Where a setting names no built-in adapter, an installed plug-in of that name serves."""
    for group, selector, name in (
        ("smart_crm.caches", container.cache, settings.cache),
        ("smart_crm.summarizers", container.summarizer, settings.summarizer),
    ):
        if name not in selector.providers:
            selector.override(providers.Singleton(_plugin(group, name), settings))
    built_in = container.lead_source.providers
    plugins = {
        name: providers.Singleton(_plugin("smart_crm.lead_sources", name), settings)
        for name in settings.lead_sources
        if name not in built_in
    }
    if plugins:
        container.lead_source.set_providers({**built_in, **plugins})


def _plugin(group: str, name: str) -> Callable[[Settings], Any]:
    """The `build(settings)` that an installed package offers under this name."""
    found = entry_points(group=group, name=name)
    if not found:
        raise InvalidSettings(f"{name!r} is neither built in nor a plug-in of {group}")
    build: Callable[[Settings], Any] = next(iter(found)).load()
    return build
