#!/usr/bin/env python3
"""Build queries/models/ from the public packages litellm and genai-prices.

    pip download --no-deps litellm==1.109.1 genai-prices==0.2.3
    unzip the two wheels into FOLDER
    scripts/build-prices.py FOLDER

genai-prices gives first-party prices with retired models kept; litellm adds the ids of clouds and hosters. A price of 0
means "unknown" and is left out. Rows are sorted by id, so that a new run shows what moved.
"""
import datetime
import json
import pathlib
import sys
import types

CHECKED = "2026-11-23"
SOURCE = "litellm 1.109.1 and genai-prices 0.2.3"
FIRST_PARTY = ["anthropic", "cohere", "deepseek", "google", "groq", "mistral", "moonshotai", "openai", "perplexity", "x-ai", "together", "fireworks", "cerebras"]
# Cloud ids are only in litellm; the rest of its 4,500 rows repeats first-party models under other prefixes.
CLOUD = {"bedrock": "bedrock", "bedrock_converse": "bedrock"}
# Facts of a provider that no package states, from the providers' own price pages on the day of the tables: whether a
# repeated prefix is cached without being asked for, what part of the price a batch job costs where no row says it, and
# tokens of English text and code relative to the o200k_base vocabulary (measured; for Claude on its last public one).
# `refuses-sampling`: a request that sets a temperature is refused where a row says that the model takes none; known of
# Anthropic, whose SDK dropped the parameter (anthropic 2.x). Others leave it out or ignore it. `hosts`: it sells models of
# other makers under names that others use too, so that its last days are its own.
PROVIDERS = {
    "openai": {"caching": "automatic", "batch": 0.5},
    "anthropic": {"caching": "explicit", "batch": 0.5, "tokens": 1.15, "refuses-sampling": True},
    "google": {"caching": "automatic", "batch": 0.5, "tokens": 1.15},
    "mistral": {"batch": 0.5, "tokens": 1.06},
    "deepseek": {"caching": "automatic", "tokens": 1.06},
    "groq": {"caching": "automatic", "batch": 0.5, "hosts": True},
    "cerebras": {"hosts": True},
    "together": {"hosts": True},
    "fireworks": {"hosts": True},
    "x-ai": {"caching": "automatic", "batch": 0.8},
    "moonshotai": {"caching": "automatic"},
    "bedrock": {"caching": "explicit", "batch": 0.5},
}
# Prefixes by which the evaluator promptfoo reaches a provider's models, from its documentation.
EVALUATOR = {"openai": "openai:chat:", "anthropic": "anthropic:messages:", "google": "google:", "mistral": "mistral:", "groq": "groq:", "x-ai": "xai:", "deepseek": "deepseek:", "cohere": "cohere:", "bedrock": "bedrock:", "together": "togetherai:", "cerebras": "cerebras:", "perplexity": "perplexity:"}
# What a maker sells today in each price class: the models that a cheaper tier is tried with.
CURRENT = {
    "openai": ["gpt-6-astra", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna"],
    "anthropic": ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-haiku-5-5"],
    "google": ["gemini-4-argon", "gemini-3.5-flash-lite", "gemini-2.5-flash-lite"],
    "mistral": ["mistral-medium-3-5", "mistral-large-4", "mistral-small-latest"],
    "x-ai": ["grok-4.7", "grok-4.3"],
    "deepseek": ["deepseek-v4-pro", "deepseek-v4-flash"],
}
# Last days that the packages do not list, of the makers' own endpoints; the clouds set their own. OpenAI: the notices of
# developers.openai.com/api/docs/deprecations, as the page's archive and what its users were sent repeat them (looked up
# November 2026); those of o1-mini and gpt-4-vision-preview are by the notices of April 2025 and June 2024 and were not
# looked up again. Anthropic: platform.claude.com/docs/en/about-claude/model-deprecations and the list in its SDK (anthropic
# 2.14.0, November 2026). Google: ai.google.dev/gemini-api/docs/deprecations and the notices that its users were sent (read
# November 2026), firm dates only: "earliest" ones are left out. Groq: the notices of console.groq.com/docs/deprecations as
# its users repeat them (looked up November 2026); customers with a contract may keep a model longer.
ENDS = {
    "openai": {
        **{name: "2027-01-14" for name in ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini")},
        **{name: "2024-01-04" for name in ("ada", "babbage", "curie", "davinci", "text-davinci-002", "text-davinci-003")},
        "gpt-3.5-0301": "2024-09-13",
        "gpt-3.5-turbo-0613": "2024-09-13",
        "gpt-4-vision-preview": "2024-12-06",
        "gpt-4-32k": "2025-06-06",
        "gpt-4.5-preview": "2025-07-14",
        "o1-preview": "2025-07-28",
        "o1-mini": "2025-10-27",
        "chatgpt-4o-latest": "2026-02-17",
    },
    "anthropic": {
        "claude-v1": "2024-11-06",
        "claude-2": "2025-07-21",
        "claude-3-sonnet": "2025-07-21",
        "claude-3-5-sonnet": "2025-10-28",
        "claude-3-opus-latest": "2026-01-05",
        "claude-3-7-sonnet-latest": "2026-02-19",
        "claude-3-5-haiku-latest": "2026-02-19",
        "claude-3-haiku": "2026-04-20",
        "claude-opus-4-0": "2026-06-15",
        "claude-sonnet-4-0": "2026-06-15",
        "claude-opus-4-1": "2026-08-05",
        "claude-sonnet-4-5": "2026-11-30",
        "claude-opus-4-5": "2027-01-22",
    },
    "google": {
        "gemini-1.0-pro-vision-001": "2024-07-12",
        "gemini-pro": "2025-02-15",
        "gemini-1.5-flash": "2025-09-24",
        "gemini-1.5-pro": "2025-09-24",
        "gemini-flash-1.5": "2025-09-24",
        "gemini-flash-1.5-8b": "2025-09-24",
        "gemini-pro-1.5": "2025-09-24",
        "gemini-2.0-flash": "2026-06-01",
        "gemini-2.0-flash-lite": "2026-06-01",
        "gemini-3-pro-preview": "2026-03-09",
        "gemini-2.5-flash": "2026-12-01",
        "gemini-2.5-pro": "2026-12-01",
    },
    "groq": {
        "mixtral-8x7b-32768": "2025-03-20",
        "deepseek-r1-distill-llama-70b": "2025-10-02",
        "meta-llama/llama-4-scout-17b-16e-instruct": "2026-07-17",
        "llama-3.1-8b-instant": "2026-08-16",
        "llama-3.3-70b-versatile": "2026-08-16",
    },
}
# Snapshots that ended before the model whose name they carry: the row of that model, the last day. Gemini: as above.
SNAPSHOTS = {
    "google": {name: ("gemini-2.5-pro", "2025-12-02") for name in ("gemini-2.5-pro-preview-03-25", "gemini-2.5-pro-preview-05-06", "gemini-2.5-pro-preview-06-05")},
}
LIMITS = {"openai": "openai", "text-completion-openai": "openai", "anthropic": "anthropic", "gemini": "google", "mistral": "mistral", "groq": "groq", "deepseek": "deepseek", "xai": "x-ai", "moonshot": "moonshotai", "cerebras": "cerebras"}
# Hosters whose prices are another package's business, and whose last days litellm lists by the full id.
HOSTERS = {"together_ai": "together", "fireworks_ai": "fireworks"}


def number(value):
    """The base price of a plain or tiered figure."""
    base = getattr(value, "base", value)
    return None if base is None else float(base)


def names(clause):
    """The names that a matching rule gives in full; its patterns are what the lookup folds anyway."""
    if hasattr(clause, "equals"):
        return [clause.equals.lower()]
    return [name for part in getattr(clause, "or_", []) for name in names(part)]


def price_on(prices, day):
    if not isinstance(prices, list):
        return prices
    chosen = prices[0].prices
    for conditional in prices:
        start = getattr(conditional.constraint, "start_date", None)
        if start is None and conditional.constraint is not None:
            continue  # time-of-day windows: the plain price stands first
        if start is None or start <= day:
            chosen = conditional.prices
    return chosen


def main(folder):
    root = pathlib.Path(folder)
    sys.path.insert(0, str(root))
    stub = types.ModuleType("genai_prices")
    stub.__path__ = [str(root / "genai_prices")]
    sys.modules["genai_prices"] = stub
    sys.modules.setdefault("httpx2", types.ModuleType("httpx2"))
    import importlib

    data = importlib.import_module("genai_prices.data")
    day = datetime.date.fromisoformat(CHECKED)
    litellm = json.loads((root / "litellm" / "model_prices_and_context_window_backup.json").read_text())
    extra = {}
    hosted = {}
    for key, row in litellm.items():
        provider = HOSTERS.get(row.get("litellm_provider"))
        if provider and row.get("deprecation_date"):
            name = key.split("/", 1)[-1].removeprefix("accounts/fireworks/models/")
            hosted.setdefault(provider, {})[name] = row["deprecation_date"]
        provider = LIMITS.get(row.get("litellm_provider"))
        if provider:
            extra.setdefault(provider, {})[key.split("/")[-1]] = row
    tables = {}
    for provider in data.providers:
        if provider.id not in FIRST_PARTY:
            continue
        rows = tables.setdefault(provider.id, {})
        for model in provider.models:
            price = price_on(model.prices, day)
            get = lambda name: number(getattr(price, name, None))
            if not get("input_mtok") and not get("output_mtok"):
                continue
            row = {"id": model.id.split("/")[-1] if provider.id in ("google",) else model.id}
            fields = [("input", "input_mtok"), ("cached", "cache_read_mtok"), ("cache-write", "cache_write_mtok"), ("output", "output_mtok")]
            for key, name in fields:
                value = get(name)
                if value is not None and (value > 0 or key in ("output",)):
                    row[key] = round(value, 6)
            row.setdefault("input", 0.0)
            row.setdefault("output", 0.0)
            tiers = getattr(getattr(price, "input_mtok", None), "tiers", None)
            if tiers:
                above = getattr(getattr(price, "output_mtok", None), "tiers", None)
                row["long-context"] = (
                    tiers[0].start,
                    round(float(tiers[0].price) / max(row["input"], 1e-9), 3),
                    round(float(above[0].price) / max(row["output"], 1e-9), 3) if above else 1.0,
                )
            aliases = sorted({name for name in names(model.match) if name != row["id"].lower() and '"' not in name})
            if aliases:
                row["aliases"] = aliases
            known = extra.get(provider.id, {}).get(model.id, {})
            for key, name in [("batch-input", "input_cost_per_token_batches"), ("batch-output", "output_cost_per_token_batches")]:
                if known.get(name):
                    row[key] = round(known[name] * 1e6, 6)
            context = model.context_window or known.get("max_input_tokens")
            if context:
                row["context"] = int(context)
            if known.get("max_output_tokens"):
                row["max-output"] = int(known["max_output_tokens"])
            if known.get("prompt_cache_min_tokens"):
                row["cache-min"] = int(known["prompt_cache_min_tokens"])
            if known.get("supports_reasoning"):
                row["reasoning"] = True
            if known.get("supports_sampling_params") is False:
                row["sampling"] = False
            if known.get("input_cost_per_token_decisions"):
                row["decisions"] = True
            if row["id"] in CURRENT.get(provider.id, ()):
                row["current"] = True
            ends = known.get("deprecation_date") or ENDS.get(provider.id, {}).get(row["id"])
            ends = ends or hosted.get(provider.id, {}).get(row["id"])
            if ends:
                row["ends"] = ends
            if isinstance(model.prices, list):
                row["changes"] = [
                    (c.constraint.start_date.isoformat(), number(c.prices.input_mtok), number(c.prices.output_mtok))
                    for c in model.prices
                    if getattr(c.constraint, "start_date", None) and c.constraint.start_date > day
                ]
            rows[row["id"]] = row
        for name, (base, ends) in SNAPSHOTS.get(provider.id, {}).items():
            rows[name] = {**{key: value for key, value in rows[base].items() if key not in ("aliases", "current")}, "id": name, "ends": ends}
    for key, row in litellm.items():
        provider = CLOUD.get(row.get("litellm_provider"))
        if not provider or row.get("mode") not in ("chat", "completion", "embedding") or "/" in key:
            continue
        if key.split(".")[0] in ("us", "eu", "apac", "au", "jp", "global", "us-gov"):
            continue  # region prefixes are folded before the lookup
        if row.get("input_cost_per_token"):
            out = {"id": key, "input": round(row["input_cost_per_token"] * 1e6, 6), "output": round(row.get("output_cost_per_token", 0) * 1e6, 6)}
            for name, field in [("cached", "cache_read_input_token_cost"), ("cache-write", "cache_creation_input_token_cost"), ("batch-input", "input_cost_per_token_batches"), ("batch-output", "output_cost_per_token_batches")]:
                if row.get(field):
                    out[name] = round(row[field] * 1e6, 6)
            if row.get("max_input_tokens"):
                out["context"] = int(row["max_input_tokens"])
            if row.get("deprecation_date"):
                out["ends"] = row["deprecation_date"]
            tables.setdefault(provider, {})[key] = out
    target = pathlib.Path(__file__).parent.parent / "queries" / "models"
    for old in target.glob("*.toml"):
        old.unlink()
    for provider, rows in sorted(tables.items()):
        lines = [
            "# List prices in US dollars per million tokens, standard tier. Made by scripts/build-prices.py.",
            f'provider = "{provider}"', f'checked = "{CHECKED}"', f'source = "{SOURCE}"',
        ]
        facts = dict(PROVIDERS.get(provider, {}))
        if provider in EVALUATOR:
            facts["evaluator"] = EVALUATOR[provider]
        for name, value in facts.items():
            lines.append(f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {str(value).lower()}")
        lines.append("")
        for key in sorted(rows):
            row = rows[key]
            lines.append("[[model]]")
            for name, value in row.items():
                if name == "long-context":
                    lines.append("long-context = { above = %d, factor = %s, output-factor = %s }" % value)
                elif name == "changes":
                    parts = ['{ from = "%s", input = %s, output = %s }' % change for change in value]
                    if parts:
                        lines.append("changes = [%s]" % ", ".join(parts))
                elif isinstance(value, bool):
                    lines.append(f"{name} = {str(value).lower()}")
                elif isinstance(value, list):
                    lines.append("%s = [%s]" % (name, ", ".join(f'"{one}"' for one in value)))
                elif isinstance(value, str):
                    lines.append(f'{name} = "{value}"')
                else:
                    lines.append(f"{name} = {value}")
            lines.append("")
        (target / f"{provider}.toml").write_text("\n".join(lines))
        print(provider, len(rows))


main(sys.argv[1])
