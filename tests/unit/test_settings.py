"""Settings: defaults that depend on each other, and refusals in one clear line."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.budget import DailyCaps, Price, Rate
from entrypoints.access import api_key
from entrypoints.settings import InvalidSettings, Settings, load, read_environment

DISTRIBUTED = {
    "DATABASE_URL": "postgresql://crm:hunter2@db:5432/crm",
    "REDIS_URL": "redis://:hunter2@redis:6379/0",
    "API_SECRET_KEY": "hunter2",
    "GEMINI_API_KEY": "hunter2",
}


def test_with_nothing_set_all_runs_in_one_process() -> None:
    settings = load({})

    assert settings.database_url == "sqlite:///var/smart-crm.db"
    assert (settings.cache, settings.jobs, settings.summarizers) == (
        "memory",
        "in_process",
        ("rules",),
    )
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.lead_sources == ("randomuser",)
    assert (settings.sync_cron, settings.sync_size) == ("0 * * * *", 10)


def test_if_match_is_required_only_where_it_is_asked_for() -> None:
    assert not load({}).require_if_match
    assert load({"CRM_REQUIRE_IF_MATCH": "true"}).require_if_match


def test_redis_and_a_key_switch_to_redis_saq_and_gemini() -> None:
    settings = load(DISTRIBUTED, "api")

    assert (settings.cache, settings.jobs, settings.summarizers) == ("redis", "saq", ("gemini",))


@pytest.mark.parametrize(("process", "seconds"), [("api", 5), ("serve", 0)])
def test_only_an_api_waits_for_its_balancer_at_a_stop(process: str, seconds: int) -> None:
    assert load({}, process).drain == timedelta(seconds=seconds)


def test_an_api_need_not_wait() -> None:
    assert load({"CRM_DRAIN": "0"}, "api").drain == timedelta(0)


@pytest.mark.parametrize("process", ["api", "worker", "cron"])
def test_several_processes_without_redis_have_no_cache(process: str) -> None:
    assert load({}, process).cache == "none"


@pytest.mark.parametrize("process", ["api", "worker", "cron"])
def test_several_processes_may_not_have_a_cache_each(process: str) -> None:
    with pytest.raises(InvalidSettings, match="CRM_CACHE=memory is for one process only"):
        load({"CRM_CACHE": "memory"}, process)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CRM_PORT", "http", "CRM_PORT is 'http', but must be a whole number from 1 to 65535"),
        ("CRM_PORT", "70000", "CRM_PORT"),
        ("CRM_SYNC_CRON", "hourly", "CRM_SYNC_CRON"),
        ("CRM_SYNC_CRON", "61 * * * *", "CRM_SYNC_CRON"),
        ("CRM_SUMMARY_TIMEOUT", "soon", "CRM_SUMMARY_TIMEOUT"),
        ("CRM_SUMMARY_TIMEOUT", "0", "CRM_SUMMARY_TIMEOUT"),
        ("CRM_SOURCE_ALLOW_PRIVATE", "maybe", "must be one of: true, false"),
        (
            "CRM_REQUIRE_IF_MATCH",
            "1",
            "CRM_REQUIRE_IF_MATCH is '1', but must be one of: true, false",
        ),
        ("CRM_LOG_LEVEL", "loud", "CRM_LOG_LEVEL"),
        ("DATABASE_URL", "mysql://db/crm", "DATABASE_URL"),
        ("REDIS_URL", "redis", "REDIS_URL"),
        ("RANDOMUSER_URL", "file:///etc/passwd", "RANDOMUSER_URL"),
        ("CRM_LEAD_SOURCE", "file,file", "CRM_LEAD_SOURCE"),
        ("CRM_CACHE", "redis", "CRM_CACHE needs Redis"),
        ("CRM_CACHE", "tiered", "CRM_CACHE needs Redis"),
        ("CRM_JOBS", "saq", "CRM_JOBS needs Redis"),
        ("CRM_JOBS", "celery", "must be one of: saq, in_process"),
        ("CRM_SUMMARIZER", "gemini", "GEMINI_API_KEY"),
        ("CRM_SUMMARIZER", "openai", "OPENAI_MODEL"),
        ("CRM_LEAD_SOURCE", "file", "CRM_LEAD_FILE"),
        ("CRM_AI_RATE", "60", "must be a rate such as 60/minute or 10/second"),
        ("CRM_AI_RATE", "0/minute", "CRM_AI_RATE"),
        ("CRM_AI_RATE", "60/fortnight", "CRM_AI_RATE"),
        ("CRM_AI_DAILY_CALLS", "-1", "CRM_AI_DAILY_CALLS"),
        ("CRM_AI_DAILY_COST", "$5", "must be an amount in USD such as 5.00"),
        ("CRM_AI_DAILY_COST", "5.0000001", "CRM_AI_DAILY_COST"),
        ("CRM_AI_PRICES", "gpt-5-mini", "CRM_AI_PRICES is .*, but must be each model's price"),
        ("CRM_AI_PRICES", "gpt-5-mini=0.25", "CRM_AI_PRICES"),
        ("CRM_AI_PRICES", "gpt-5-mini=0.25/2.00/1.00", "CRM_AI_PRICES"),
        ("CRM_AI_PRICES", "=0.25/2.00", "CRM_AI_PRICES"),
        ("CRM_AI_PRICES", "m=1/2,m=1/3", "CRM_AI_PRICES"),
        ("CRM_LEASE", "500 ms", "CRM_LEASE"),
        ("CRM_DRAIN", "later", "CRM_DRAIN"),
        ("CRM_DRAIN", "21 s", "CRM_DRAIN must be at most 20 s"),
        ("CRM_CHACHE", "redis", "CRM_CHACHE is not a setting.*did you mean CRM_CACHE"),
        ("CRM_NONSENSE", "1", "CRM_NONSENSE is not a setting"),
    ],
)
def test_a_bad_setting_is_refused_in_one_line(name: str, value: str, told: str) -> None:
    with pytest.raises(InvalidSettings, match=told) as refused:
        load({name: value})

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30), ("30 s", 30), ("30s", 30), ("1.5", 1.5), ("500ms", 0.5), ("2 m", 120)],
)
def test_durations_take_units(value: str, seconds: float) -> None:
    settings = load({"CRM_SUMMARY_TIMEOUT": value})

    assert settings.summary_timeout == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("60/minute", Rate(60, timedelta(minutes=1))),
        ("10 / second", Rate(10, timedelta(seconds=1))),
        ("5/hour", Rate(5, timedelta(hours=1))),
        ("1000/day", Rate(1_000, timedelta(days=1))),
    ],
)
def test_a_rate_is_so_many_in_any_span(value: str, rate: Rate) -> None:
    assert load({"CRM_AI_RATE": value}).ai_rate == rate


@pytest.mark.parametrize(
    ("environ", "counted"),
    [
        ({}, "none"),
        ({"REDIS_URL": "redis://redis"}, "none"),
        ({"CRM_AI_RATE": "60/minute"}, "memory"),
        ({"CRM_AI_RATE": "60/minute", "REDIS_URL": "redis://redis"}, "redis"),
    ],
)
def test_calls_are_counted_where_all_workers_see_them(
    environ: dict[str, str], counted: str
) -> None:
    assert load(environ).rate_limit == counted


@pytest.mark.parametrize("process", ["api", "worker", "cron"])
def test_several_processes_share_no_rate_without_redis(process: str) -> None:
    with pytest.raises(InvalidSettings, match="CRM_AI_RATE needs Redis"):
        load({"CRM_AI_RATE": "60/minute"}, process)


def test_money_is_read_to_the_micro_dollar() -> None:
    settings = load(
        {
            "CRM_AI_DAILY_COST": "5.000001",
            "CRM_AI_DAILY_CALLS": "0",
            "CRM_AI_PRICES": "gemini-3.8-flash=0.30/2.50, acme/m=8:b=0/0.000001",
        }
    )

    assert settings.daily_caps == DailyCaps(micros=5_000_001, calls=0)
    assert settings.prices == {
        "gemini-3.8-flash": Price(300_000, 2_500_000),
        "acme/m=8:b": Price(0, 1),
    }


def test_nothing_is_capped_unless_told() -> None:
    assert (load({}).daily_caps, load({}).prices) == (DailyCaps(), {})


@pytest.mark.parametrize(
    ("environ", "model"),
    [
        ({"GEMINI_API_KEY": "k"}, "gemini-3.8-flash"),
        (
            {
                "CRM_SUMMARIZER": "gemini,openai,rules",
                "GEMINI_API_KEY": "k",
                "OPENAI_MODEL": "gpt-5-mini",
                "CRM_AI_PRICES": "gemini-3.8-flash=0.30/2.50",
            },
            "gpt-5-mini",
        ),
    ],
)
def test_a_daily_cost_needs_the_price_of_each_model(environ: dict[str, str], model: str) -> None:
    with pytest.raises(InvalidSettings, match=f"needs the price of {model} in CRM_AI_PRICES"):
        load({"CRM_AI_DAILY_COST": "5", **environ})


def test_what_the_ai_may_cost_is_shown_as_it_is_set() -> None:
    environ = {
        "CRM_AI_RATE": "60/minute",
        "CRM_AI_DAILY_COST": "5.00",
        "CRM_AI_PRICES": "gpt-5-mini=0.25/2,other=0.0001/10",
    }

    shown = load(environ).shown()

    assert {name: shown[name] for name in environ} == environ


def test_each_source_may_have_its_own_schedule() -> None:
    settings = load(
        {
            "CRM_LEAD_SOURCE": "randomuser, file",
            "CRM_LEAD_FILE": "leads.csv",
            "CRM_SYNC_CRON_FILE": "5 4 * * *",
        }
    )

    assert settings.cron_of("file") == "5 4 * * *"
    assert settings.cron_of("randomuser") == "0 * * * *"


def test_a_schedule_of_a_source_that_is_not_chosen_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="CRM_SYNC_CRON_FILE"):
        load({"CRM_SYNC_CRON_FILE": "5 4 * * *"})


def test_a_chosen_plug_in_owns_its_prefix() -> None:
    settings = load({"CRM_SUMMARIZER": "acme", "CRM_SUMMARIZER_ACME_URL": "http://acme"})

    assert settings.plugin_values == {"CRM_SUMMARIZER_ACME_URL": "http://acme"}


def test_nobody_else_owns_it() -> None:
    with pytest.raises(InvalidSettings, match="CRM_SUMMARIZER_ACME_URL"):
        load({"CRM_SUMMARIZER_ACME_URL": "http://acme"})


def test_no_secret_is_shown() -> None:
    settings = load(DISTRIBUTED, "api")

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.shown())
    assert settings.shown()["DATABASE_URL"] == "postgresql://crm:********@db:5432/crm"


def test_a_bad_value_is_not_repeated_where_it_may_hold_a_password() -> None:
    with pytest.raises(InvalidSettings) as refused:
        load({"REDIS_URL": "rediss//:hunter2@host"})

    assert "hunter2" not in str(refused.value)


def test_the_environment_overrides_the_file_and_empty_is_unset(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("CRM_PORT=4000\nCRM_HOST=127.0.0.2\n")

    read = read_environment({"CRM_PORT": "5000", "REDIS_URL": ""}, dotenv)

    assert read == {"CRM_PORT": "5000", "CRM_HOST": "127.0.0.2"}


def sqlite_settings(folder: Path, **environ: str) -> Settings:
    return load({"DATABASE_URL": f"sqlite:///{folder}/var/crm.db", **environ})


def test_on_ones_own_machine_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = (api_key(sqlite_settings(tmp_path)) for _ in range(2))

    assert first == second
    assert len(first) > 40
    assert (tmp_path / "var" / "api-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["api-key"]


@pytest.mark.parametrize(
    "environ",
    [{"CRM_HOST": "0.0.0.0"}, {"DATABASE_URL": "postgresql://db/crm"}],
)
def test_elsewhere_a_start_without_a_key_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="API_SECRET_KEY"):
        api_key(load(environ))


JSON = {
    "CRM_LEAD_SOURCE": "json",
    "CRM_JSON_URL": "https://api.example/contacts",
    "CRM_JSON_FIELDS": "name=$.full_name, email=$.contact['e,mail'],external_id=$.id",
}


def test_a_json_source_is_described_by_paths() -> None:
    settings = load({**JSON, "CRM_JSON_NEXT": "cursor:after:$.paging.next"})

    assert settings.json_fields == {
        "name": "$.full_name",
        "email": "$.contact['e,mail']",
        "external_id": "$.id",
    }
    assert settings.json_next == ("cursor", "after", "$.paging.next")
    assert settings.shown()["CRM_JSON_NEXT"] == "cursor:after:$.paging.next"
    assert settings.shown()["CRM_JSON_FIELDS"].startswith("name=$.full_name,email=")


def test_the_headers_of_a_json_source_are_shown_to_nobody() -> None:
    settings = load({**JSON, "CRM_JSON_HEADERS": '{"authorization": "Bearer hunter2"}'})

    assert settings.json_headers == {"authorization": "Bearer hunter2"}
    assert "hunter2" not in repr(settings) + repr(settings.json_headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRM_JSON_FIELDS", "name=$.a"),
        ("CRM_JSON_FIELDS", "name=$.a,email=$.b,shoe_size=$.c"),
        ("CRM_JSON_FIELDS", "name=$.a,email=$.b,email=$.c"),
        ("CRM_JSON_FIELDS", "name=$.a,email=$["),
        ("CRM_JSON_ITEMS", "$.data["),
        ("CRM_JSON_SINCE", "updated since"),
        ("CRM_JSON_SINCE", "?since="),
        ("CRM_JSON_NEXT", "page"),
        ("CRM_JSON_NEXT", "cursor:after"),
        ("CRM_JSON_NEXT", "cursor:after:$["),
        ("CRM_JSON_NEXT", "links"),
        ("CRM_JSON_HEADERS", "authorization: x"),
        ("CRM_JSON_HEADERS", '{"a b": "x"}'),
        ("CRM_JSON_HEADERS", '{"a": "x\\ny"}'),
    ],
)
def test_what_describes_no_json_source_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=name):
        load({**JSON, name: value})


@pytest.mark.parametrize("missing", ["CRM_JSON_URL", "CRM_JSON_FIELDS"])
def test_a_json_source_needs_its_place_and_its_fields(missing: str) -> None:
    with pytest.raises(InvalidSettings, match="needs CRM_JSON_URL and CRM_JSON_FIELDS"):
        load({name: value for name, value in JSON.items() if name != missing})
