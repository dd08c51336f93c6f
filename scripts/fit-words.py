#!/usr/bin/env python3
"""Fits what the words of a prompt weigh: `queries/categories/words.tsv` and `kinds.tsv`. Needs scikit-learn.

Reads what `classify_labels --features` prints of labelled prompts and fits, with an inverse document frequency and a unit norm
for each prompt,

1. a logistic regression of *mechanical* against the rest, pruned to the features that tell most and fitted again;
2. one of the kind of work among mechanical prompts.

Usage: cargo build --release --example classify_labels
       scripts/fit-words.py [--real FILE] [--validate]

`--real` names prompts of public repositories, in the form of `fixtures/labelled/*.jsonl` with the verdict of their label
(`scriptworthy calls --format json` gives the prompts); they are read for their words only, and none is kept. Without it the
weights come out a little different, for real prompts that need judgment are longer than labelled ones.
`--validate` leaves each writer's prompts out in turn, fits on the others, and prints how those left out fare: the figures in
`fixtures/labelled/README.md`. It writes nothing.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
LABELLED = ROOT / "fixtures" / "labelled"
FILES = [
    "labels.jsonl", "own.jsonl", "natural.jsonl", "field.jsonl", "paraphrases.jsonl", "prompts-second.jsonl",
    "prompts-third.jsonl", "cases-second/labels.jsonl", "cases-third/labels.jsonl",
]
# How many features are kept, and how many of them tell the kind of work.
MOST, MOST_KINDS = 24_000, 3_000
# Of the two readings of a prompt, forms of inputs given or told by names, each counts half; a real prompt counts half.
SHARE = 0.5
STRENGTH = 8.0
# The chance from which on words decide alone: `words-most` of weights.toml.
LEAST = 0.85
# The rules' names for the kinds that the labels name.
KINDS = {
    "extraction-regex": "pattern-extraction", "lookup-mapping": "lookup", "text-casing-template": "text-transform",
    "sort-filter-dedupe": "collection-operation", "other": "mechanical-routing",
}


def shown(paths):
    command = [ROOT / "target/release/examples/classify_labels", "--features", *paths]
    return list(map(json.loads, subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()))


def hand(row):
    """Who wrote a prompt: the file, and the letter of the id where a file holds several writers' prompts."""
    path = Path(row["file"])
    name = path.parent.name if path.name == "labels.jsonl" else path.stem
    return f"{name}/{row['id'][0]}" if name == "prompts-third" else name


def vectors(vocabulary=None):
    fewest = {} if vocabulary else {"min_df": 3}
    return TfidfVectorizer(analyzer=lambda row: row["features"], vocabulary=vocabulary, sublinear_tf=True, **fewest)


def telling(matrix, weights, most):
    reach = np.abs(weights) * np.sqrt(np.asarray(matrix.power(2).mean(axis=0)).ravel())
    return np.argsort(-reach, kind="stable")[:most]


def fit(rows, most=MOST):
    labels = np.array([row["verdict"] == "mechanical" for row in rows])
    share = np.full(len(rows), SHARE)
    reader = vectors()
    matrix = reader.fit_transform(rows)
    model = LogisticRegression(C=STRENGTH, max_iter=500).fit(matrix, labels, sample_weight=share)
    names = reader.get_feature_names_out()
    reader = vectors(sorted(names[at] for at in telling(matrix, model.coef_[0], most)))
    matrix = reader.fit_transform(rows)
    return reader, LogisticRegression(C=STRENGTH, max_iter=500).fit(matrix, labels, sample_weight=share)


def fit_kinds(rows, reader):
    rows = [row for row in rows if row["verdict"] == "mechanical" and row["category"]]
    kinds = [KINDS.get(row["category"], row["category"]) for row in rows]
    matrix = reader.transform(rows)
    model = LogisticRegression(C=20.0, max_iter=500).fit(matrix, kinds)
    keep = np.sort(telling(matrix, np.abs(model.coef_).max(axis=0), MOST_KINDS))
    again = LogisticRegression(C=20.0, max_iter=500).fit(matrix[:, keep], kinds)
    return keep, again


def validate(rows, real):
    half = real[::2]
    print("| left out | mechanical | mixed | judgment |\n|---|---|---|---|")
    for mode in ("given", "names"):
        total = np.zeros((3, 2), int)
        for name in sorted({hand(row) for row in rows}):
            other = [row for row in rows if hand(row) != name and {hand(row), name} != {"labelled", "paraphrases"}]
            reader, model = fit(other + half)
            own = [row for row in rows if hand(row) == name and row["mode"] == mode]
            chance = model.predict_proba(reader.transform(own))[:, 1]
            counts = []
            for at, label in enumerate(("mechanical", "mixed", "judgment")):
                of = [p for p, row in zip(chance, own) if row["verdict"] == label]
                counts.append((sum(p >= LEAST for p in of), len(of)))
                total[at] += counts[-1]
            keep, kinds = fit_kinds(other, reader)
            right = [row for row in own if row["verdict"] == "mechanical" and row["category"]]
            told = kinds.predict(reader.transform(right)[:, keep]) if right else []
            hits = sum(KINDS.get(row["category"], row["category"]) == kind for row, kind in zip(right, told))
            print(f"| {name} ({mode}) | " + " | ".join(f"{a}/{b}" for a, b in counts) + f" | kind {hits}/{len(right)}", flush=True)
        print(f"| all ({mode}) | " + " | ".join(f"{a}/{b}" for a, b in total) + " |")


def write(reader, model, keep, kinds):
    folder = ROOT / "queries" / "categories"
    names = reader.get_feature_names_out()
    lines = sorted((name, round(idf * 1000), round(weight * 1000))
                   for name, idf, weight in zip(names, reader.idf_, model.coef_[0]))
    lines.sort(key=lambda line: line[0].encode())
    head = f"\t\t{round(model.intercept_[0] * 1000)}\n"
    (folder / "words.tsv").write_text(head + "".join(f"{name}\t{idf}\t{weight}\n" for name, idf, weight in lines))
    table = sorted(zip(names[keep], kinds.coef_.T), key=lambda line: line[0].encode())
    head = "\t" + "\t".join(kinds.classes_) + "\n"
    head += "\t" + "\t".join(str(round(one * 100)) for one in kinds.intercept_) + "\n"
    (folder / "kinds.tsv").write_text(head + "".join(
        name + "\t" + "\t".join(str(round(one * 100)) for one in column) + "\n" for name, column in table))


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--real", type=Path)
    words.add_argument("--validate", action="store_true")
    words = words.parse_args()
    rows = shown([LABELLED / name for name in FILES])
    real = [row for row in shown([words.real]) if row["mode"] == "given" and row["verdict"] in ("judgment", "mechanical")] if words.real else []
    if words.validate:
        validate(rows, real)
        return
    reader, model = fit(rows + real)
    write(reader, model, *fit_kinds(rows, reader))


if __name__ == "__main__":
    main()
