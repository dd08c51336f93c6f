#!/usr/bin/env python3
"""Fits and checks the weighing of the classifier on the labelled calls. Python's standard library alone.

Reads every piece of evidence that the built program reports on the labelled cases (`scriptworthy calls`) and on the
prompts of our own (`classify_labels --dump`, by the names of their inputs), and prints

1. a five-fold cross-validation by source: all cases of one `ref` stand in one fold. Refitted in each fold, on the other
   four: the bias and one factor for each kind of evidence (operation, input, output, judgment, context). Not refitted:
   the phrase tables, which people write; how far these carry is what the held-out prompts tell;
2. the calibration: how often a call of that confidence is mechanical, mixed calls counted as not, by the stated figures
   of `weights.toml` and by those fitted;
3. the ablation: the cross-validation without one kind of evidence.

Usage: cargo build --release --bin scriptworthy --examples && scripts/fit-classifier.py
"""

import json
import math
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LABELLED = ROOT / "fixtures" / "labelled"
BUILT = ROOT / "target" / "release"
FOLDS = 5
KINDS = ["operation", "input", "output", "judgment", "context"]
OF_KIND = {
    "operation": "operation",
    "input-shape": "input",
    "output-shape": "output",
    "post-processing": "output",
    "judgment": "judgment",
}


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def kind_of(evidence_kind, signal):
    """The kind that a signal counts for: what stands around a call is no judgment of its prompt."""
    if signal.startswith(("call/", "prompt/")) or signal == "tools":
        return "context"
    return OF_KIND.get(evidence_kind, "context")


def row(case, verdict, evidence):
    sums = dict.fromkeys(KINDS, 0.0)
    for one_kind, signal, weight in evidence:
        sums[kind_of(one_kind, signal)] += weight
    return {
        "id": case["id"], "ref": case["ref"], "label": case["verdict"], "held_out": case.get("held_out") is True,
        "class": verdict["class"], "confidence": verdict["confidence"], "sums": sums,
    }


def cases(name):
    return [json.loads(line) for line in (LABELLED / name).read_text().splitlines() if line.strip()]


def whole_tool():
    """The labelled cases as the whole program sees them, from their source files."""
    calls = {}
    for call in json.loads(run(BUILT / "scriptworthy", "calls", LABELLED / "files", "--format", "json")):
        calls.setdefault(Path(call["path"]).name, []).append(call)
    rows = []
    for case in cases("labels.jsonl"):
        own = calls.get(Path(case["file"]).name, [])
        lines = [case["line"], case.get("sdk_line")]
        found = next((call for line in lines if line for call in own
                      if call["start"]["line"] <= line <= call["end"]["line"]), None)
        verdict = found["verdict"] if found else {"class": "unknown", "confidence": 0.0, "evidence": []}
        rows.append(row(case, verdict, [(one["kind"], one["signal"], one["weight"]) for one in verdict["evidence"]]))
    return rows


def prompts(name):
    """Prompts without code around them, by the names of their inputs."""
    known = {case["id"]: case for case in cases(name)}
    lines = map(json.loads, run(BUILT / "examples" / "classify_labels", "--dump", LABELLED / name).splitlines())
    return [row(known[line["id"]], line, line["evidence"]) for line in lines if line["mode"] == "names"]


def probability(weights, one):
    score = weights[0] + sum(weight * one["sums"][kind] for weight, kind in zip(weights[1:], KINDS))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def fit(rows, start, free, pull=1.0):
    """Logistic regression that is pulled towards `start`; `free` says which weights may move."""
    weights = list(start)
    for _ in range(3000):
        slopes = [pull * (first - weight) for first, weight in zip(start, weights)]
        for one in rows:
            error = (one["label"] == "mechanical") - probability(weights, one)
            slopes[0] += error
            for at, kind in enumerate(KINDS):
                slopes[at + 1] += error * one["sums"][kind]
        weights = [weight + 0.5 * slope / len(rows) if may else weight
                   for weight, slope, may in zip(weights, slopes, free)]
    return weights


def folds(rows):
    """Number of the fold of each row: by its source, in the order of the sources."""
    refs = {ref: at % FOLDS for at, ref in enumerate(sorted({one["ref"].split("#")[0] for one in rows}))}
    return [refs[one["ref"].split("#")[0]] for one in rows]


def may_be_flagged(one, without=None):
    """Whether the gates of the verdict let a score decide: an operation whose input fits, and no mixed reading."""
    if without == "operation":
        return True
    mixed = one["class"] == "mixed" and without != "judgment"
    return one["sums"]["operation"] > 0.0 and not mixed


def validated(rows, start, threshold, without=None):
    """Precision parts of the cross-validation: flagged mechanical, mixed and judgment calls."""
    number = folds(rows)
    bare = [dict(one, sums={kind: 0.0 if kind == without else total for kind, total in one["sums"].items()})
            for one in rows]
    eligible = [may_be_flagged(one, without) for one in rows]
    flagged = {"mechanical": 0, "mixed": 0, "judgment": 0}
    for fold in range(FOLDS):
        train = [one for one, own, fits in zip(bare, number, eligible) if own != fold and fits]
        weights = fit(train, start, [True] + [kind != without for kind in KINDS])
        for one, own, fits in zip(bare, number, eligible):
            if own == fold and fits and probability(weights, one) >= threshold:
                flagged[one["label"]] += 1
    return flagged


def show(name, flagged, rows):
    count = {label: sum(one["label"] == label for one in rows) for label in flagged}
    right, wrong = flagged["mechanical"], flagged["judgment"]
    print(f"| {name} | {right}/{right + wrong} = {right / max(1, right + wrong):.1%} "
          f"| {right}/{count['mechanical']} = {right / max(1, count['mechanical']):.1%} "
          f"| {flagged['mixed']}/{count['mixed']} | {wrong}/{count['judgment']} |")


def as_it_stands(rows):
    flagged = {"mechanical": 0, "mixed": 0, "judgment": 0}
    for one in rows:
        if one["class"] == "mechanical":
            flagged[one["label"]] += 1
    return flagged


def calibration(name, rows, chance):
    print(f"\n{name}\n\n| confidence | calls | mechanical | share |\n|---|---|---|---|")
    edges = [0.0, 0.3, 0.6, 0.7, 0.8, 0.9, 1.01]
    for low, high in zip(edges, edges[1:]):
        inside = [one for one in rows if low <= chance(one) < high]
        right = sum(one["label"] == "mechanical" for one in inside)
        share = f"{right / len(inside):.0%}" if inside else "-"
        print(f"| {low:.1f} to {min(high, 1.0):.1f} | {len(inside)} | {right} | {share} |")


def main():
    table = tomllib.loads((ROOT / "queries" / "categories" / "weights.toml").read_text())
    stated = table["calibration"]
    start = [table["weights"]["bias"] * stated["slope"] + stated["offset"]] + [stated["slope"]] * len(KINDS)
    labelled = whole_tool()
    own, again = prompts("own.jsonl"), prompts("paraphrases.jsonl")
    head = "| | precision | recall | mixed flagged | judgment flagged |\n|---|---|---|---|---|"
    print(f"As it stands\n\n{head}")
    show("188 cases, whole program", as_it_stands(labelled), labelled)
    for name, rows in [("own prompts", own), ("paraphrases", again)]:
        for part in (False, True):
            chosen = [one for one in rows if one["held_out"] == part]
            show(f"{name}, {'held out' if part else 'tuned on'}", as_it_stands(chosen), chosen)
    print("\nSW120: " + ", ".join(
        f"{sum(one['label'] == label and one['class'] == 'mixed' for one in rows)}/"
        f"{sum(one['label'] == label for one in rows)} {label} ({name})"
        for name, rows in [("188", labelled), ("own", own)] for label in ("mechanical", "mixed", "judgment")))

    threshold = stated["threshold"]
    print(f"\nCross-validation of the 188 cases at {threshold}, and without one kind of evidence\n\n{head}")
    show("all evidence", validated(labelled, start, threshold), labelled)
    for kind in KINDS:
        show(f"without {kind}", validated(labelled, start, threshold, kind), labelled)

    everything = [one for one in labelled + own + again if may_be_flagged(one)]
    fitted = fit(everything, start, [True] * len(start))
    words = ", ".join(f"{name} {weight:.2f}" for name, weight in zip(["bias"] + KINDS, fitted))
    print(f"\nFitted on all of them (start: bias {start[0]:.2f}, factors {stated['slope']:.2f}): {words}")
    calibration("Calibration as stated, calls that an operation was found in", everything,
                lambda one: probability(start, one))
    calibration("Calibration as fitted", everything, lambda one: probability(fitted, one))


if __name__ == "__main__":
    sys.exit(main())
