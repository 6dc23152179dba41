"""What a fast front must not forget."""

from tests.mutation.fault import HTTP, IDEMPOTENCY, Fault

SHORT_CUTS = ("tests/unit/http/test_short_cuts.py",)

FAULTS = [
    Fault(
        "short cut: what the client has already is sent again",
        f"{HTTP}/short_cuts.py",
        "if seen and is_seen(document.version, seen):",
        "if False:",
        SHORT_CUTS,
    ),
    Fault(
        "short cut: parameters are overlooked",
        f"{HTTP}/short_cuts.py",
        'if lead_id is None or scope["query_string"] or not _is_plain(scope, headers):',
        "if lead_id is None or not _is_plain(scope, headers):",
        SHORT_CUTS,
    ),
    Fault(
        "short cut: of a header that came twice, the last counts",
        f"{HTTP}/short_cuts.py",
        ' and len(headers) == len(scope["headers"])',
        "",
        SHORT_CUTS,
    ),
    Fault(
        "short cut: a request with a key is done again",
        f"{HTTP}/short_cuts.py",
        'b"idempotency-key" not in headers',
        "True",
        (IDEMPOTENCY,),
    ),
    Fault(
        "short cut: it goes past the key",
        f"{HTTP}/front.py",
        "reply = refusal or await",
        "reply = await",
        SHORT_CUTS,
    ),
    Fault(
        "body: what comes in pieces is not read where it says that it has no length",
        f"{HTTP}/body_guard.py",
        ' and b"transfer-encoding" not in headers',
        "",
        ("tests/unit/http/test_body_guard.py", "-k", "in_pieces"),
    ),
    Fault(
        "access log: a path is taken as it is",
        "src/entrypoints/access_log.py",
        "return told if is_plain else _quoted(_event(method, path))",
        "return f'\"{method} {path}\"'",
        ("tests/unit/test_access_log.py",),
    ),
    Fault(
        "access log: each answer is a call to the system",
        "src/entrypoints/access_log.py",
        "            if not self._waiting:\n",
        "            self.write()\n            if not self._waiting:\n",
        ("tests/unit/test_access_log.py",),
    ),
    Fault(
        "start: the collector looks through what was imported",
        "src/entrypoints/garbage.py",
        "    gc.collect()\n    gc.freeze()\n",
        "    gc.collect()\n",
        ("tests/unit/test_start.py",),
    ),
    Fault(
        "start: a command runs without a collector",
        "src/entrypoints/garbage.py",
        "    gc.enable()\n",
        "",
        ("tests/unit/test_start.py",),
    ),
    Fault(
        "cache: what is at hand is told though it is fenced",
        "src/adapters/caches/memory.py",
        "        return state if isinstance(state, Document) else None",
        "        return None if state is None else Document(1, b'{\"version\":1}')",
        ("tests/unit/adapters/test_caches.py",),
    ),
]
