import json
import tomllib
from pathlib import Path

import openai
import yaml

TEXT = Path("p.txt").read_text()
SETTINGS = yaml.safe_load(open("p.yaml"))
MORE = json.load(open("p.json"))
LAST = tomllib.loads(Path("p.toml").read_text())


def ask(prompt, **values):
    return openai.chat.completions.create(
        model=SETTINGS["model"], messages=[{"role": "user", "content": prompt.format(**values)}]
    )


ask(TEXT, name="x")
ask(Path("p.md").read_text(), date="x")
ask(open("p.j2").read(), a=1, b=2)
ask(SETTINGS["prompt"])
ask(MORE["prompts"][0]["text"])
ask(LAST["prompt"]["text"])
