"""The opposites of what the check of a model's claims promises."""

from tests.mutation.fault import DOMAIN, Fault

GROUNDING = "tests/unit/domain/test_grounding.py"

FAULTS = [
    Fault(
        "grounding: a claim may draw on what it does not cite",
        f"{DOMAIN}/grounding.py",
        "texts.among([*cited])",
        "texts.all()",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: a claim without evidence is believed",
        f"{DOMAIN}/grounding.py",
        "if not claim.evidence or not",
        "if not",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: one key of a reading is enough",
        f"{DOMAIN}/grounding_evidence.py",
        """                    break
            else:
                return True
""",
        """                    continue
                return True
""",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: the past may be told from today",
        f"{DOMAIN}/grounding.py",
        '_findings("summary", insight.summary, everything, _NO_MORE)',
        '_findings("summary", insight.summary, everything, plans)',
        (GROUNDING, "-k", "told_from_today or lie"),
    ),
    Fault(
        "grounding: due days are any number",
        f"{DOMAIN}/grounding.py",
        'RELATIVE_KEYS | {f"in:{due * 24}"}',
        'RELATIVE_KEYS | {f"in:{due * 24}", f"n:{due}"}',
        (GROUNDING, "-k", "span_of_time"),
    ),
    Fault(
        "grounding: what cannot be seen splits a word",
        f"{DOMAIN}/grounding_text.py",
        'return ""\n    for first',
        'return " "\n    for first',
        (GROUNDING, "-k", "lie or known"),
    ),
    Fault(
        "grounding: letters of other scripts pass",
        f"{DOMAIN}/grounding_names.py",
        "    if not word.isascii():",
        "    if not word.isascii() and word.istitle():",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: a common opener passes anywhere",
        f"{DOMAIN}/grounding_names.py",
        "(opens and key in OPENERS)",
        "key in OPENERS",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: whatever opens a sentence passes",
        f"{DOMAIN}/grounding_names.py",
        "(opens and key in OPENERS)",
        "opens",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: fifty thousand are fifty",
        f"{DOMAIN}/grounding_numbers.py",
        "        scales.insert(0, suffix)",
        "        pass",
        (GROUNDING, "-k", "known or lie"),
    ),
    Fault(
        "grounding: a spelled-out address is no address",
        f"{DOMAIN}/grounding_links.py",
        "    text = _spelled_out(text, lower)\n",
        "",
        (GROUNDING, "-k", "lie"),
    ),
    Fault(
        "grounding: a month behind an ordinal is not looked for",
        f"{DOMAIN}/grounding_dates.py",
        " or _ORDINAL_MONTH.search(text)",
        "",
        (GROUNDING, "-k", "rare"),
    ),
    Fault(
        "grounding: not every sort of i is one",
        f"{DOMAIN}/grounding_text.py",
        "        text = text.translate(_DOTLESS)\n",
        "        pass\n",
        (GROUNDING, "-k", "rare"),
    ),
    Fault(
        "grounding: long words are read again from each letter",
        f"{DOMAIN}/grounding_numbers.py",
        '_MIXED = re.compile(r"(?<![^\\W\\d_])',
        '_MIXED = re.compile(r"',
        (GROUNDING, "-k", "hostile"),
    ),
    Fault(
        "grounding: an hour stands alone, whatever it is behind",
        f"{DOMAIN}/grounding_pieces.py",
        '"calendar", "hour", ',
        '"calendar", ',
        (GROUNDING, "-k", "pieces"),
    ),
    Fault(
        "grounding: a month is a word like others",
        f"{DOMAIN}/grounding_pieces.py",
        "{*MONTHS, *WEEKDAYS,",
        "{*WEEKDAYS,",
        (GROUNDING, "-k", "pieces"),
    ),
    Fault(
        "grounding: every piece opens a sentence",
        f"{DOMAIN}/grounding_pieces.py",
        "_OPENING if follows else _INSIDE",
        "_OPENING",
        (GROUNDING, "-k", "pieces"),
    ),
    Fault(
        "grounding: another form of another form is known, too",
        f"{DOMAIN}/grounding_evidence.py",
        "        self._keys |= text.keys\n",
        "        self._keys |= text.keys\n        self._keys |= _other_forms(self._keys)\n",
        (GROUNDING, "-k", "another_form"),
    ),
    Fault(
        "grounding: what few answers repeat is never read",
        f"{DOMAIN}/grounding_evidence.py",
        "[*often, *(_SELDOM_TOLD & self._texts.keys())]",
        "often",
        (GROUNDING, "-k", "quoted_whole"),
    ),
    Fault(
        "grounding: a number that ends a sentence ends none",
        f"{DOMAIN}/grounding_pieces.py",
        "_OPENING if sign in _OPENS_NEXT else _INSIDE",
        "_INSIDE",
        (GROUNDING, "-k", "pieces"),
    ),
]
