"""The opposites of what masking promises, and of what is done against injections."""

from tests.mutation.fault import ADAPTERS, APPLICATION, DOMAIN, Fault

MASKING = "tests/unit/domain/test_masking.py"
ATTACKS = "tests/integration/test_attacks.py"
SUMMARIZERS = f"{ADAPTERS}/summarizers"

FAULTS = [
    Fault(
        "masking: a name has one spelling",
        f"{DOMAIN}/folding.py",
        'unicodedata.normalize("NFKC", character).casefold().translate(_ALIKE)',
        "character",
        (MASKING, "-k", "each_spelling"),
    ),
    Fault(
        "masking: what a stranger wrote like a token is left",
        f"{DOMAIN}/personal_data.py",
        '                case "text":\n                    yield Personal.TEXT, *found.span()\n',
        "",
        (MASKING, "-k", "stranger"),
    ),
    Fault(
        "masking: a token that stands for nothing is shown",
        f"{DOMAIN}/masking.py",
        "        if known is None:",
        "        if known is None:\n            return token\n        if False:",
        (MASKING, "-k", "stands_for_nothing"),
    ),
    Fault(
        "masking: only the lead's own address is masked",
        f"{DOMAIN}/personal_data.py",
        "            _EMAIL, rf",
        '            "(?!)", rf',
        (MASKING, "-k", "each_address"),
    ),
    Fault(
        "masking: a number takes the beginning of an address",
        f"{DOMAIN}/personal_data.py",
        "self._others.finditer(folded.text, start, end)",
        "self._others.finditer(folded.text, start)",
        (MASKING, "-k", "nothing_of_the_data_is_left or comes_back or behind_a_number"),
    ),
    Fault(
        "masking: activities are sent as they are",
        f"{DOMAIN}/masking.py",
        "text=tokens.within(activity.text, data)",
        "text=activity.text",
        (MASKING, "-k", "activities"),
    ),
    Fault(
        "masking: claims keep their tokens",
        f"{DOMAIN}/masking.py",
        'Claim(self._revealed("a claim", claim.text, MAX_CLAIM), claim.evidence)',
        "claim",
        (MASKING, "-k", "holds_the_data_again"),
    ),
    Fault(
        "masking: dates are taken for phone numbers",
        f"{DOMAIN}/personal_data.py",
        '            rf"(?P<date>{_DATE})",\n',
        "",
        (MASKING, "-k", "dates"),
    ),
    Fault(
        "masking: a name that is a link comes back as one",
        f"{DOMAIN}/masking.py",
        "        if tokens and not is_plain(shown):",
        "        if False:",
        (MASKING, "-k", "is_a_link"),
    ),
    Fault(
        "injection: the instruction may be told",
        f"{SUMMARIZERS}/_insight.py",
        "        return _silent_on(told, _insight_in(text))",
        "        return _insight_in(text)",
        (ATTACKS, "-k", "instruction and gemini"),
    ),
    Fault(
        "injection: links may be shown",
        f"{SUMMARIZERS}/_insight.py",
        "    if not is_plain(text):",
        "    if False:",
        (ATTACKS, "-k", "link and gemini"),
    ),
    Fault(
        "injection: links hide behind invisible letters",
        f"{DOMAIN}/plain_text.py",
        "    shown = Folded.of(text).text",
        "    shown = text",
        (ATTACKS, "-k", "link and gemini"),
    ),
    Fault(
        "injection: an answer may say what nobody told us",
        f"{APPLICATION}/ask_summarizer.py",
        "    if not (found := ungrounded(outcome.insight, known)):",
        "    if not (found := ()):",
        (ATTACKS, "-k", "(key or other_lead) and gemini"),
    ),
    Fault(
        "injection: members that were not asked for are skipped",
        f"{SUMMARIZERS}/_insight.py",
        "class InsightShape(msgspec.Struct, forbid_unknown_fields=True):",
        "class InsightShape(msgspec.Struct):",
        ("tests/integration/adapters/test_gemini_summarizer.py", "-k", "extra_field"),
    ),
    Fault(
        "masking: the setting does nothing",
        "src/entrypoints/container.py",
        "            masks=settings.provided.ai_mask_pii,",
        "            masks=False,",
        (ATTACKS, "-k", "unless_it_is_masked and masked"),
    ),
]
