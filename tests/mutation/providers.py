"""The opposites of what those promise who ask language models."""

from tests.mutation.fault import ADAPTERS, Fault

SUMMARIZERS = f"{ADAPTERS}/summarizers"
GEMINI = "tests/integration/adapters/test_gemini_summarizer.py"
OPENAI = "tests/integration/adapters/test_openai_summarizer.py"
READING = "tests/unit/adapters/test_insight_reading.py"

FAULTS = [
    Fault(
        "providers: thinking is not counted",
        f"{SUMMARIZERS}/_gemini_api.py",
        "token_count(told.candidates_token_count, told.thoughts_token_count)",
        "token_count(told.candidates_token_count)",
        (GEMINI, "-k", "thinking_is_paid"),
    ),
    Fault(
        "providers: thinking takes what it likes",
        f"{SUMMARIZERS}/_gemini_api.py",
        "thinking_config=_little_thinking(model)",
        "thinking_config=None",
        (GEMINI, "-k", "thinks_little"),
    ),
    Fault(
        "providers: an answer may be as long as it likes",
        f"{SUMMARIZERS}/_gemini_api.py",
        "max_output_tokens=MAX_OUTPUT_TOKENS",
        "max_output_tokens=65_536",
        (GEMINI, "-k", "within_the_worst_case"),
    ),
    Fault(
        "providers: OpenAI's limit has the name that Ollama heeds",
        f"{SUMMARIZERS}/openai.py",
        '"max_completion_tokens" if own else "max_tokens"',
        '"max_tokens"',
        (OPENAI, "-k", "name_that_is_heeded"),
    ),
    Fault(
        "providers: what failed was free",
        f"{SUMMARIZERS}/openai.py",
        "return SummarizerFailed(type, detail, usage=usage)",
        "return SummarizerFailed(type, detail)",
        (OPENAI, "-k", "what_it_has_cost"),
    ),
    Fault(
        "providers: what is no insight was free",
        f"{SUMMARIZERS}/_insight.py",
        "raise SummarizerFailed(FailureType.SCHEMA, str(error), usage=usage)",
        "raise SummarizerFailed(FailureType.SCHEMA, str(error))",
        (READING, "-k", "has_cost"),
    ),
    Fault(
        "providers: the worst case forgets what is known",
        f"{SUMMARIZERS}/_prompt.py",
        "sent = instruction() + question(known)",
        "sent = instruction()",
        (OPENAI, "-k", "worst_case"),
    ),
    Fault(
        "providers: a character is a token at most",
        f"{SUMMARIZERS}/_prompt.py",
        "len(sent.encode())",
        "len(sent)",
        (OPENAI, "-k", "longer_than_the_worst_case"),
    ),
    Fault(
        "providers: what is known may close its fence",
        f"{SUMMARIZERS}/_prompt.py",
        '.replace("<", "\\\\u003c")',
        "",
        (OPENAI, "-k", "delimiter"),
    ),
    Fault(
        "providers: a link is shown",
        f"{SUMMARIZERS}/_insight.py",
        "    if not is_plain(text):",
        "    if False:",
        (READING, "-k", "no_links"),
    ),
    Fault(
        "providers: a claim may rest on nothing",
        f"{SUMMARIZERS}/_insight.py",
        "    if not 1 <= len(shape.evidence) <= MAX_EVIDENCE:",
        "    if len(shape.evidence) > MAX_EVIDENCE:",
        (OPENAI, "-k", "has_its_type and no_evidence"),
    ),
    Fault(
        "providers: an action is a list of them",
        f"{SUMMARIZERS}/_insight.py",
        'next_action=_sentence("next_action"',
        'next_action=_checked("next_action"',
        (READING, "-k", "two_sentences"),
    ),
    Fault(
        "providers: the schema refers to its parts",
        f"{SUMMARIZERS}/_insight.py",
        "return {key: _resolved(value, components) for key, value in typed.items()}",
        "return schema",
        (READING, "-k", "refers_to_nothing"),
    ),
    Fault(
        "providers: a plug-in has its name in another group",
        "src/entrypoints/plugins.py",
        '("smart_crm.summarizers", container.summarizer',
        '("smart_crm.summarisers", container.summarizer',
        ("tests/integration/test_plugin_package.py", "-k", "served"),
    ),
]
