"""The names of the migrations' files tell their order, so that a start need not read them."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from adapters.databases.sql.schema import MIGRATIONS, revisions


def test_files_are_named_for_their_revisions_in_their_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)

    assert revisions() == [script.revision for script in scripts.walk_revisions()][::-1]
