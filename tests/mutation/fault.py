"""A known fault: one replacement in one file, and the tests that must notice it."""

from dataclasses import dataclass
from pathlib import Path

DOMAIN, APPLICATION, ADAPTERS = "src/domain", "src/application", "src/adapters"
SQL = f"{ADAPTERS}/databases/sql"
HTTP = "src/entrypoints/http"
API = "tests/unit/http/test_api.py"
CHANGES = "tests/unit/http/test_changes.py"
CROWDS_OF_CHANGES = "tests/integration/test_crowds_of_changes.py"
API_LISTS = "tests/unit/http/test_lists.py"
MEMORY_DATABASE = "tests/unit/adapters/test_memory_database.py"
SQL_DATABASE = "tests/integration/adapters/test_sql_database.py"
LEAD_LIST_PLANS = "tests/integration/adapters/test_lead_list_plans.py"
IDEMPOTENCY = "tests/unit/http/test_idempotency.py"
REDIS_SCRIPTS_END = "        self._unfenced: dict[str, object] = {}"
PLAIN_DELETE = f"""\
        global FILL, FENCE, PUT
        FENCE = Script("return 1")
        PUT = Script("return redis.call('DEL', KEYS[1])")
        FILL = Script("redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1")
{REDIS_SCRIPTS_END}"""
REDIS_CACHE = "tests/integration/adapters/test_redis_cache.py"
REDIS_LINE = "tests/integration/adapters/test_redis_line.py"
TIERED = "tests/unit/adapters/test_tiered_cache.py"
WORLDS = ("tests/simulation/test_simulation.py", "-k", "small_worlds")
BULK = "tests/unit/http/test_bulk.py"
WAITING = "tests/unit/http/test_waiting.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """In `file`, `before` (which stands there once) becomes `after`; `tests` must notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    def put_into(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text()
        if text.count(self.before) != 1:
            raise SystemExit(f"{self.name}: its place is not (once) in {self.file}")
        path.write_text(text.replace(self.before, self.after))
