"""Requests that are refused for how they are written, before anyone asks what they mean."""

import json

from tests.bad_requests import GOOD, JSON, NOBODY, BadRequest, bad_query, unparsable

BODY = json.dumps(GOOD).encode()


def _of_type(name: str, content_type: str, type: str = "not-json", **more: str) -> BadRequest:
    headers = {"content-type": content_type, **more}
    return BadRequest(name, 415, f"/problems/{type}", body=BODY, headers=headers)


def _doubled(name: str, body: str, *pointers: str, path: str = "/leads") -> BadRequest:
    return BadRequest(
        name, 400, "/problems/duplicate-key", path=path, body=body.encode(), pointers=pointers
    )


BAD_MESSAGES = [
    unparsable("a byte order mark alone", b"\xef\xbb\xbf"),
    unparsable("two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbf" + BODY),
    unparsable("a UTF-16 byte order mark", b"\xff\xfe" + BODY, "not-utf8"),
    unparsable("a surrogate in UTF-8", b'{"name": "\xed\xa0\x80"}', "not-utf8"),
    unparsable("an overlong slash", b'{"name": "\xc0\xaf"}', "not-utf8"),
    unparsable("a low surrogate alone", b'{"name": "\\udc00", "email": "g@example.com"}'),
    unparsable("half a pair", b'{"name": "\\ud83d!", "email": "g@example.com"}'),
    unparsable("half a character for a key", b'{"\\ud800": 1}'),
    unparsable("a NUL in the text", b'{"name": "Ada\x00"}'),
    unparsable("a NUL behind the text", BODY + b"\x00"),
    unparsable("an unescaped line break", b'{"name": "Ada\nLovelace"}'),
    unparsable("an unescaped control character", b'{"name": "\x1b[31mAda"}'),
    unparsable("blanks alone", b" \n\t "),
    unparsable("a form feed around it", b"\x0c" + BODY),
    unparsable("no such escape", b'{"name": "\\x41"}'),
    unparsable("an escape cut short", b'{"name": "\\u00'),
    unparsable("an open string", b'{"name": "Ada'),
    unparsable("single quotes", b"{'name': 'Ada'}"),
    unparsable("a key without quotes", b'{name: "Ada"}'),
    unparsable("a comment", b'{"name": "Ada" /* who */}'),
    unparsable("Infinity", b'{"name": Infinity}'),
    unparsable("a leading zero", b'{"name": 007}'),
    unparsable("a number in hex", b'{"name": 0x10}'),
    unparsable("a minus alone", b'{"name": -}'),
    unparsable("a closing bracket too many", BODY + b"}"),
    unparsable("brackets that do not match", b'{"name": [}'),
    unparsable("40 brackets that never close", b"[" * 40, "too-deep"),
    unparsable("30 brackets that never close", b"[" * 30),
    unparsable("deep behind a string", b'["]]]\\"]",' + b"[" * 32 + b"]" * 33, "too-deep"),
    _doubled("a key twice", '{"name": "Ada", "email": "a@example.com", "name": "Eve"}', "/name"),
    _doubled("a key twice, once escaped", '{"name": "Ada", "n\\u0061me": "Eve"}', "/name"),
    _doubled("a key thrice", '{"a": 1, "a": 2, "a": 3}', "/a"),
    _doubled("an empty key twice", '{"": 1, "": 2}', "/"),
    _doubled("a key twice, deep inside", '{"a": [{}, {"b/~": 1, "b/~": 2}]}', "/a/1/b~1~0"),
    _doubled("two keys twice", '{"a": 1, "b": {"c": 1, "c": 1}, "a": 2}', "/b/c", "/a"),
    _doubled("half a character twice", '{"\\ud800": 1, "\\ud800": 2}', "/?"),
    _doubled("a key twice where nothing is read", '{"a": 1, "a": 2}', "/a", path="/sync"),
    unparsable("a key twice in a broken text", b'[{"a": 1, "a": 2}, oops]'),
    unparsable("a number of 10,000 digits", b'{"name": ' + b"9" * 10_000 + b"}"),
    unparsable("a number beyond all bounds", b'{"name": 1e999999}'),
    _of_type("UTF-16 by its type", "application/json; charset=utf-16"),
    _of_type("Latin-1 by its type", "application/json;charset=ISO-8859-1"),
    _of_type("JSON as text", "text/json"),
    _of_type("XML", "application/xml"),
    _of_type("many parts", "multipart/form-data; boundary=x"),
    _of_type("a JSON patch", "application/json-patch+json"),
    _of_type("JSON lines", "application/x-ndjson"),
    _of_type("a type that is none", "json"),
    _of_type("an empty type", ""),
    _of_type("two types in one line", "application/json, text/plain"),
    _of_type("gzip", JSON["content-type"], "encoded-body", **{"content-encoding": "gzip"}),
    _of_type("no such coding", JSON["content-type"], "encoded-body", **{"content-encoding": "?"}),
    _of_type("a form where nothing is read", "application/x-www-form-urlencoded"),
    BadRequest(
        "a form to sync with", 415, "/problems/not-json", path="/sync", body=b"source=x",
        headers={"content-type": "application/x-www-form-urlencoded"},
    ),
    BadRequest("a URL of 9 kB", 414, "/problems/target-too-long", "GET", f"/{'a' * 9_000}"),
    BadRequest("9 kB of query", 414, "/problems/target-too-long", "GET", f"/leads?q={'a' * 9000}"),
    BadRequest(
        "40 kB of headers", 431, "/problems/headers-too-large", "GET",
        headers={f"x-{n}": "a" * 1_000 for n in range(40)},
    ),
    bad_query("a path that is not UTF-8", "/leads/%ff"),
    bad_query("a NUL in the path", "/leads/%00"),
    bad_query("a line break in the path", "/leads/%0d%0aset-cookie:%20a=b"),
    bad_query("an escape that is none in the path", "/leads/%zz"),
    bad_query("half an escape in the path", "/leads/%4"),
    bad_query("a NUL for a page's name", "/docs/assets/%00"),
    bad_query("a query that is not UTF-8", "/leads?cursor=%ff"),
    bad_query("a NUL in the query", "/leads?cursor=a%00"),
    bad_query("a C1 control character in the query", "/leads?cursor=%c2%85"),
    bad_query("an escape that is none in the query", "/leads?limit=5%"),
    bad_query("100 parameters", "/leads?" + "&".join(f"a{n}={n}" for n in range(100))),
    bad_query("a parameter without a name", "/leads?=5"),
    bad_query("limit without a value", "/leads?limit="),
    bad_query("limit=1.5", "/leads?limit=1.5"),
    bad_query("limit=0x10", "/leads?limit=0x10"),
    bad_query("limit=true", "/leads?limit=true"),
    bad_query("limit with a bracket", "/leads?limit[]=5"),
    bad_query("a cursor of 4,000 characters", f"/leads?cursor={'a' * 4_000}"),
    bad_query("a cursor with a dot", "/leads?cursor=WyJsZWFkcyJd.c2lnbmF0dXJl"),
    bad_query("a cursor that is no ASCII", "/leads?cursor=%F0%9F%A6%80"),
    bad_query("a made-up cursor of runs", f"/leads/{NOBODY}/summaries?cursor=abc"),
    bad_query("a made-up cursor of syncs", "/sync/runs?cursor=abc"),
    bad_query("limit=0 of syncs", "/sync/runs?limit=0"),
    bad_query("an unknown parameter of syncs", "/sync/runs?source=x"),
    BadRequest("two sources", 400, "/problems/bad-request", path="/sync?source=a&source=b"),
    BadRequest("a NUL for a source", 400, "/problems/bad-request", path="/sync?source=%00"),
    BadRequest("a parameter more", 400, "/problems/bad-request", path="/leads?dry=1", body=BODY),
    BadRequest("an unknown method", 405, "/problems/method-not-allowed", "FROB"),
    BadRequest("TRACE", 405, "/problems/method-not-allowed", "TRACE"),
]  # fmt: skip
