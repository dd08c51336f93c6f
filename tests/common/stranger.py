from house.tools import llm_client


def answered(letter):
    return llm_client.complete(f"Write a friendly answer to this letter:\n{letter}")
