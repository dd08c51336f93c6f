from openai import OpenAI

client = OpenAI()


def iso_date(raw_date: str) -> str:
    answer = client.chat.completions.create(
        model="gpt-6.1-sol",
        messages=[{"role": "user", "content": f"Convert the date {raw_date} from DD.MM.YYYY to ISO 8601 (YYYY-MM-DD). Return only the date."}],
        temperature=0,
    )
    return answer.choices[0].message.content.strip()
