"""The opposites of what the rules and their evaluation promise."""

from tests.mutation.fault import ADAPTERS, APPLICATION, DOMAIN, Fault

RULES = "tests/unit/adapters/test_rules_summarizer.py"
GROUNDED = "tests/unit/adapters/test_rules_grounded.py"
EVALUATE = "tests/unit/test_evaluate.py"
READING = f"{ADAPTERS}/summarizers/_rules_reading.py"

FAULTS = [
    Fault(
        "rules: an opt-out is forgotten when something newer is asked for",
        READING,
        "        if signal in telling:\n            found[signal] = telling[signal]",
        "        if signal in telling and not newest:\n            found[signal] = telling[signal]",
        (RULES, "-k", "opt_out"),
    ),
    Fault(
        "rules: the oldest request wins",
        READING,
        "newest = next((quotes for quotes in said if",
        "newest = next((quotes for quotes in reversed(said) if",
        (RULES, "-k", "newer_request"),
    ),
    Fault(
        "rules: what speaks to machines is quoted",
        READING,
        "sentences = [part for part in parts if not TO_MACHINES.search(part)]",
        "sentences = parts",
        (RULES, "-k", "machines"),
    ),
    Fault(
        "rules: a number is cut in its middle",
        READING,
        '    words = text[:limit].rpartition(" ")[0].rstrip()',
        "    words = text[:limit].rstrip()",
        (GROUNDED, "-k", "any_lead"),
    ),
    Fault(
        "rules: a quote cites what it does not stand in",
        READING,
        "return Quote(sentence, passage, self.evidence, self.said_by)",
        'return Quote(sentence, passage, "status", self.said_by)',
        (GROUNDED, "-k", "golden"),
    ),
    Fault(
        "evaluation: an answer that never came counts as grounded",
        f"{DOMAIN}/evaluation.py",
        "return self.insight is not None and not self.ungrounded",
        "return not self.ungrounded",
        (EVALUATE, "-k", "no_answer"),
    ),
    Fault(
        "evaluation: a paid model is asked about next to nothing",
        f"{APPLICATION}/evaluate.py",
        "if not (isinstance(summarizer, Paid) and c.known.is_sparse)",
        "if True",
        (EVALUATE, "-k", "next_to_nothing"),
    ),
    Fault(
        "evaluation: what is not grounded is not looked for",
        f"{APPLICATION}/evaluate.py",
        "ungrounded=tuple(self.check(insight, case.known)),",
        "",
        (EVALUATE, "-k", "without_a_fault"),
    ),
    Fault(
        "evaluation: all calls are made at once",
        f"{APPLICATION}/evaluate.py",
        "asyncio.Semaphore(self.concurrency)",
        "asyncio.Semaphore(1_000)",
        (EVALUATE, "-k", "under_way"),
    ),
]
