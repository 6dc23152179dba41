"""What the rules say of a lead."""

from collections.abc import Sequence

from adapters.summarizers._rules_reading import Quote, Reading, read, spoken, unstopped
from adapters.summarizers._rules_signals import MINOR
from adapters.summarizers._rules_table import RULES, STATUSES, Rule
from domain.insight import Channel, Claim, Insight, NextActionType
from domain.summary_input import SummaryInput

_MISSING = {"phone": "phone number", "job_title": "job title"}
_BY_CHANNEL = {
    Channel.PHONE: NextActionType.CALL,
    Channel.EMAIL: NextActionType.EMAIL,
    Channel.NONE: NextActionType.RESEARCH,
}


def insight_of(known: SummaryInput) -> Insight:
    """What is found where stands in the tables of signals and rules."""
    reading = read(known)
    rule = next(rule for rule in RULES if rule.fits(reading.traits))
    return _insight(rule, reading, [_MISSING.get(name, name) for name in known.missing])


def _insight(rule: Rule, reading: Reading, missing: Sequence[str]) -> Insight:
    name = unstopped(_name(reading))
    quote = _quote(rule, reading)
    channel = _channel(reading)
    words = {
        "name": name,
        "reach": f"{_verb(channel)} {name}",
        "company": unstopped(reading.shown.get("company", "")),
        "title": unstopped(reading.shown.get("job_title", "")),
        "missing": _listed(missing or ["need"]),
        "last": f"the {spoken(reading.last)}" if reading.last else "",
        "told": quote.told if quote else "",
    }
    claims = _claims(reading, quote)
    unknown = [f"Not known yet: {_listed(missing)}."] if missing else []
    return Insight(
        summary=" ".join([*(claim.text for claim in claims), *unknown]),
        next_action=rule.action.format(**words),
        next_action_type=rule.type or _BY_CHANNEL[channel],
        channel=rule.channel or (channel if "{reach}" in rule.action else Channel.NONE),
        priority=rule.priority,
        due_in_days=rule.due_in_days,
        reason=rule.reason.format(**words),
        claims=claims,
    )


def _quote(rule: Rule, reading: Reading) -> Quote | None:
    """What the rule rests on; else how the newest text begins."""
    wanted = rule.when.split()
    signals = [trait for trait in wanted if trait in reading.quotes]
    if {"asked", "renewed"}.intersection(wanted):
        signals = [signal for signal in reading.quotes if signal not in MINOR]
    return reading.quotes[signals[0]] if signals else reading.opening


def _channel(reading: Reading) -> Channel:
    if "phone" in reading.traits and "by_mail" not in reading.traits:
        return Channel.PHONE
    return Channel.EMAIL if "email" in reading.traits else Channel.NONE


def _verb(channel: Channel) -> str:
    return {Channel.PHONE: "Call", Channel.EMAIL: "Write to"}.get(channel, "Reach")


def _claims(reading: Reading, quote: Quote | None) -> tuple[Claim, ...]:
    """What the summary says, each statement with what it rests on."""
    shown, last = reading.shown, reading.last
    claims = [_who(reading)] if shown else []
    channels = {"phone": "a phone number", "email": "an e-mail address"}
    if ways := [name for name in channels if name in shown]:
        reached = _listed([channels[name] for name in ways])
        claims.append(Claim(f"There is {reached}.", tuple(ways)))
    if quote:
        claims.append(Claim(quote.told_at_length, (quote.evidence,)))
    if last and not (quote and quote.evidence == last.id):
        claims.append(Claim(f"The last contact was the {spoken(last)}.", (last.id,)))
    if move := reading.newest_move:
        moved = f"The status went from {move.before} to {move.after} on {move.on}."
        claims.append(Claim(moved, ("history",)))
    if reading.unread:
        left_out = "Some text speaks to machines and was left out."
        claims.append(Claim(left_out, tuple(reading.unread[:10])))
    return tuple(claims)


def _who(reading: Reading) -> Claim:
    shown = reading.shown
    name, title, company = _name(reading), shown.get("job_title"), shown.get("company")
    if title:
        who = f"{name}, {title} at {company}," if company else f"{name}, {title},"
    else:
        who = f"{name} of {company}" if company else name
    source = shown.get("source", "manual")
    origin = "entered by hand" if source == "manual" else f"from the source {source}"
    status = STATUSES.get(shown.get("status", "new"), "a lead")
    fields = ("name", "job_title", "company", "status", "source")
    evidence = tuple(name for name in fields if name in shown)
    return Claim(f"{who} is {status}, {origin}.", evidence)


def _name(reading: Reading) -> str:
    return reading.shown.get("name", "this lead")


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
