"""The opposites of what is promised of how offered rows meet leads, and of deleted ones."""

from tests.mutation.fault import (
    ADAPTERS,
    APPLICATION,
    DOMAIN,
    MEMORY_DATABASE,
    SQL,
    SQL_DATABASE,
    Fault,
)

MERGE_LEADS = f"{APPLICATION}/merge_leads.py"
MERGE_PLAN = f"{DOMAIN}/merge_plan.py"

FAULTS = [
    Fault(
        "merge: a lead of another origin is not known by its address",
        MERGE_PLAN,
        "        lead = by_origin or by_key\n",
        "        same = by_key if by_key and by_key.source == row.source else None\n"
        "        lead = by_origin or same\n",
        (MEMORY_DATABASE, "-k", "another_origin"),
    ),
    Fault(
        "merge: a row that meets two leads goes to one of them",
        MERGE_PLAN,
        "if by_origin and by_key and by_origin is not by_key:",
        "if False:",
        (MEMORY_DATABASE, "-k", "ambiguous"),
    ),
    Fault(
        "merge: a phone of another lead raises no doubt",
        MERGE_PLAN,
        "return None if other == lead.id else other",
        "return None",
        (MEMORY_DATABASE, "-k", "phone_of_another"),
    ),
    Fault(
        "merge: a switchboard raises doubts",
        f"{SQL}/leads.py",
        ".having(func.count() == 1)",
        ".having(func.count() > 0)",
        (SQL_DATABASE, "-k", "TestSqlite and says_nothing"),
    ),
    Fault(
        "merge: a phone key is that of an older number",
        f"{SQL}/mapping.py",
        '    values["phone_key"] = phone_key(lead.phone)\n',
        '    if lead.version == 1:\n        values["phone_key"] = phone_key(lead.phone)\n',
        (SQL_DATABASE, "-k", "TestSqlite and follows_every_change"),
    ),
    Fault(
        "merge: two ids of one source are one lead",
        MERGE_PLAN,
        "return lead.source == row.source and None not in {lead.external_id, row.external_id}",
        "return False",
        (MEMORY_DATABASE, "-k", "two_ids"),
    ),
    Fault(
        "merge: what a person cleared is filled again",
        MERGE_LEADS,
        "edited.get(lead.id, ())",
        "()",
        (MEMORY_DATABASE, "-k", "cleared"),
    ),
    Fault(
        "merge: what sources filled is taken for an edit of a person",
        f"{ADAPTERS}/databases/memory/history.py",
        "if event.lead_id in wanted and event.by.kind is ActorKind.KEY",
        "if event.lead_id in wanted",
        (MEMORY_DATABASE, "-k", "sources_filled"),
    ),
    Fault(
        "merge: what a source filled is told by another's name",
        MERGE_LEADS,
        "            by=by,\n",
        "            by=Actor(ActorKind.SOURCE, after.source),\n",
        (MEMORY_DATABASE, "-k", "another_origin"),
    ),
    Fault(
        "suppression: whom a person deleted comes back",
        f"{APPLICATION}/change_lead.py",
        "            await work.suppressed.add(deleted)\n",
        "",
        (MEMORY_DATABASE, "-k", "does_not_come_back"),
    ),
    Fault(
        "suppression: whom a person renamed and deleted comes back",
        f"{DOMAIN}/suppression.py",
        '    return [f"email\\0{lead.email_key}", *origin]',
        '    return [f"email\\0{lead.email_key}", *origin[:0]]',
        (MEMORY_DATABASE, "-k", "renamed_before"),
    ),
    Fault(
        "suppression: who takes a lead in by hand lifts nothing",
        f"{APPLICATION}/in_turn.py",
        "    await suppressed.lift([lead])\n",
        "",
        (MEMORY_DATABASE, "-k", "takes_in_again"),
    ),
    Fault(
        "suppression: a restored lead stays suppressed",
        f"{APPLICATION}/change_lead.py",
        "                await work.suppressed.lift([lead])\n",
        "",
        (MEMORY_DATABASE, "-k", "restored_lead_is_known"),
    ),
    Fault(
        "suppression: who guesses an address can look it up",
        f"{SQL}/suppressions.py",
        'hmac.digest(key, mark.encode(), "sha256").hex()',
        '__import__("hashlib").sha256(mark.encode()).hexdigest()',
        ("tests/integration/adapters/test_suppressed_rows.py", "-k", "sqlite and read_out"),
    ),
]
