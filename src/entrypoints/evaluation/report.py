"""Evaluations as a table for people and as JSON for programs."""

from collections.abc import Iterator, Sequence

import msgspec

from domain.evaluation import CaseResult, Evaluation

_ROW = "{:<40} {:<12} {:<10} {:<7} {:<9} {:<9} {:>7}"


def table(evaluations: Sequence[Evaluation]) -> str:
    return "\n\n".join("\n".join(_lines(evaluation)) for evaluation in evaluations)


def as_json(evaluations: Sequence[Evaluation]) -> str:
    shown = [{**_totals(evaluation), "cases": list(map(_case, evaluation.results))}
             for evaluation in evaluations]  # fmt: skip
    return msgspec.json.format(msgspec.json.encode({"evaluations": shown})).decode()


def _lines(evaluation: Evaluation) -> Iterator[str]:
    yield evaluation.summarizer
    yield _ROW.format("case", "action", "channel", "schema", "grounded", "expected", "ms").rstrip()
    for result in evaluation.results:
        yield _row(result)
        yield from (f"    {problem}" for problem in _problems(result))
    usage = evaluation.usage
    shares = (
        f"schema {evaluation.schema:.1f} %, grounded {evaluation.grounded:.1f} %, "
        f"expected {evaluation.expected:.1f} %"
    )
    yield f"{len(evaluation.results)} cases: {shares}"
    if evaluation.left_out:
        yield f"{evaluation.left_out} more were left out: of so little, no paid call is made"
    tokens_in, tokens_out = _count(usage.input_tokens), _count(usage.output_tokens)
    yield f"tokens in {tokens_in}, out {tokens_out}, cost {_money(evaluation)}"
    yield f"latency p50 {evaluation.latency(50):.3f} s, p95 {evaluation.latency(95):.3f} s"


def _row(result: CaseResult) -> str:
    insight = result.insight
    action, channel = (insight.next_action_type, insight.channel) if insight else ("-", "-")
    held = (result.fits_schema, result.is_grounded, result.is_expected)
    marks = ("yes" if holds else "NO" for holds in held)
    return _ROW.format(result.case.id, action, channel, *marks, f"{1000 * result.seconds:.0f}")


def _problems(result: CaseResult) -> Iterator[str]:
    if result.failure is not None:
        yield f"failed: {result.failure}"
    yield from (f"too long, or blank: {where}" for where in result.broken_caps)
    yield from (f"ungrounded: {found.kind} in {found.where}" for found in result.ungrounded)
    yield from (f"not expected: {missed}" for missed in result.missed)


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else str(tokens)


def _money(evaluation: Evaluation) -> str:
    cost = evaluation.cost
    return "unknown" if cost is None else f"${cost / 1_000_000:.6f}"


def _totals(evaluation: Evaluation) -> dict[str, object]:
    return {
        "summarizer": evaluation.summarizer,
        "schema": round(evaluation.schema, 2),
        "grounded": round(evaluation.grounded, 2),
        "expected": round(evaluation.expected, 2),
        "input_tokens": evaluation.usage.input_tokens,
        "output_tokens": evaluation.usage.output_tokens,
        "cost_micros": evaluation.cost,
        "latency_p50": round(evaluation.latency(50), 4),
        "latency_p95": round(evaluation.latency(95), 4),
        "left_out": evaluation.left_out,
    }


def _case(result: CaseResult) -> dict[str, object]:
    return {
        "id": result.case.id,
        "schema": result.fits_schema,
        "grounded": result.is_grounded,
        "expected": result.is_expected,
        "problems": list(_problems(result)),
        "insight": result.insight,
        "input_tokens": result.usage.input_tokens,
        "output_tokens": result.usage.output_tokens,
        "cost_micros": result.cost,
        "seconds": round(result.seconds, 4),
    }
