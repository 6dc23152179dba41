"""The OpenAPI document is true: what it promises holds for whatever is generated from it."""

import secrets
from pathlib import Path

import pytest

from tests.fuzzing import fuzz, fuzzed

EXAMPLES = 8


@pytest.mark.timeout(300)
def test_the_document_is_true_on_sqlite(tmp_path: Path) -> None:
    with fuzzed(tmp_path, {}) as process:
        assert fuzz(process, examples=EXAMPLES, seed=1) > 1000


@pytest.mark.timeout(300)
def test_the_document_is_true_on_postgres_and_redis(
    tmp_path: Path, database_url: str, fresh_redis_url: str
) -> None:
    with fuzzed(tmp_path, {"DATABASE_URL": database_url, "REDIS_URL": fresh_redis_url}) as process:
        assert fuzz(process, examples=EXAMPLES, seed=2) > 1000


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_document_is_true_for_20_000_cases(
    database: str, tmp_path: Path, database_url: str
) -> None:
    seed = secrets.randbelow(2**32)
    cases = 0
    environ = {"DATABASE_URL": database_url} if database == "postgres" else {}
    with fuzzed(tmp_path, environ) as process:
        while cases < 20_000:
            cases += fuzz(process, examples=400, seed=seed + cases)
            print(f"{database}: {cases} cases, seed {seed}")
