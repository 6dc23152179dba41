"""Containers: where a Docker daemon answers and holds the image, or can pull it in a short time."""

import atexit
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import docker  # type: ignore[import-untyped]
from docker.errors import DockerException, ImageNotFound  # type: ignore[import-untyped]
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from tests.engines import postgres, redis
from tests.engines.arms import Unavailable
from tests.engines.readiness import first_answer

PULL_SECONDS = 30
SILENCE_SECONDS = 10


@contextmanager
def postgres_container() -> Iterator[str]:
    """The URL of a PostgreSQL in a container, removed on leaving."""
    container = _container("postgres:17-alpine", ["postgres", *postgres.FAST])
    container.with_envs(POSTGRES_USER="test", POSTGRES_PASSWORD="test", POSTGRES_DB="test")
    with _running(container, 5432, "postgresql://test:test@{}/test", postgres.version) as url:
        yield url


@contextmanager
def redis_container() -> Iterator[str]:
    """The URL of a Redis in a container, removed on leaving."""
    container = _container("redis:8-alpine", ["redis-server", "--save", "", "--appendonly", "no"])
    with _running(container, 6379, "redis://{}/0", redis.version) as url:
        yield url


def _container(image: str, command: Sequence[str]) -> DockerContainer:
    """A container whose image is already here; Unavailable if there can be none."""
    prefix = testcontainers_config.hub_image_name_prefix
    try:
        with closing(DockerClient(timeout=SILENCE_SECONDS).client) as sdk:
            if not _holds(sdk, prefix + image):
                _pull(sdk, prefix + image)
            if not _holds(sdk, prefix + testcontainers_config.ryuk_image):
                testcontainers_config.ryuk_disabled = True
        return DockerContainer(image).with_command(list(command))
    except (DockerException, OSError) as error:
        raise Unavailable(f"Docker for {image}: {error}") from error


@contextmanager
def _running(
    container: DockerContainer, port: int, url_form: str, ask: Callable[[str], str]
) -> Iterator[str]:
    """The URL of the started container, once it gives a real answer."""

    def alive() -> bool:
        container.reload()
        return container.status in ("created", "running")

    atexit.register(container.stop)
    try:
        try:
            container.with_exposed_ports(port).start()
            host = container.get_container_host_ip().replace("localhost", "127.0.0.1")
            url = url_form.format(f"{host}:{container.get_exposed_port(port)}")
            first_answer(lambda: ask(url), alive)
        except (DockerException, OSError, RuntimeError) as error:
            raise Unavailable(f"{container.image}: {error}") from error
        yield url
    finally:
        atexit.unregister(container.stop)
        container.stop()


def _holds(sdk: docker.DockerClient, image: str) -> bool:
    try:
        sdk.images.get(image)
    except ImageNotFound:
        return False
    return True


def _pull(sdk: docker.DockerClient, image: str) -> None:
    end = time.monotonic() + PULL_SECONDS
    for event in sdk.api.pull(image, stream=True, decode=True):
        if "error" in event:
            raise Unavailable(f"{image} could not be pulled: {event['error']}")
        if time.monotonic() > end:
            raise Unavailable(f"{image} was not pulled within {PULL_SECONDS} s")
