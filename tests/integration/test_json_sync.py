"""A sync from somebody's JSON API, from the settings to the leads."""

from tests.fakes.json_api import TOKEN, FakeJsonApi, a_contact
from tests.systems import a_client, a_system, work_off_syncs

SETTINGS = {
    "CRM_LEAD_SOURCE": "json",
    "CRM_SOURCE_ALLOW_PRIVATE": "true",
    "CRM_JSON_HEADERS": f'{{"authorization": "{TOKEN}"}}',
    "CRM_JSON_ITEMS": "$.data[*]",
    "CRM_JSON_FIELDS": "name=$.full_name,email=$.contact.email,external_id=$.id",
    "CRM_JSON_NEXT": "cursor:after:$.paging.next",
}


async def test_the_contacts_of_a_json_api_become_leads_and_stay_unchanged() -> None:
    with FakeJsonApi([a_contact(number) for number in range(10)], "cursor") as api:
        async with (
            a_system({**SETTINGS, "CRM_JSON_URL": api.url}) as system,
            a_client(system) as client,
        ):
            counts = []
            for _ in range(2):
                run = (await client.post("/sync")).headers["location"]
                await work_off_syncs(system)
                ended = (await client.get(run)).json()
                counts.append((ended["state"], ended["created"], ended["unchanged"]))
            leads = (await client.get("/leads")).json()["items"]

    assert counts == [("succeeded", 10, 0), ("succeeded", 0, 10)]
    assert {(lead["source"], lead["external_id"]) for lead in leads} == {
        ("json", f"c{number}") for number in range(10)
    }


async def test_what_has_not_changed_since_the_last_sync_is_not_fetched_again() -> None:
    long_ago, ahead = "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
    with FakeJsonApi([{**a_contact(n), "updated": long_ago} for n in range(10)], "cursor") as api:
        environ = {**SETTINGS, "CRM_JSON_URL": api.url, "CRM_JSON_SINCE": "updated_since"}
        async with a_system(environ) as system, a_client(system) as client:
            counts = []
            for new in ([], [], [{**a_contact(99), "updated": ahead}]):
                api.contacts += new
                run = (await client.post("/sync")).headers["location"]
                await work_off_syncs(system)
                ended = (await client.get(run)).json()
                counts.append((ended["state"], ended["fetched"], ended["created"]))

    assert counts == [("succeeded", 10, 10), ("succeeded", 0, 0), ("succeeded", 1, 1)]
