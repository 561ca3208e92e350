"""The data sheet of an artefact, in Markdown: what it was trained on, what it finds, and how to use it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workers.screening.artefact import Card
from workers.screening.evaluation import Figure, figures_of
from workers.screening.examples import Example
from workers.screening.linear import LEAST


def sheet(card: Card, examples: Sequence[Example], digest: str, key: str, origins: Mapping[str, str]) -> str:
    """``origins`` says of some sources where they are from and under which licence."""
    return "\n".join([*_head(card, digest, key), *_data(card, examples, origins), *_figures(card), ""])


def _head(card: Card, digest: str, key: str) -> list[str]:
    features = card.features
    return [
        f"# Learned detector `{card.name}`",
        "",
        f"Finds {', '.join(f'`{label}`' for head in card.heads for label in head.labels)}: a linear model over hashed "
        f"n-grams of {_orders(features.characters)} characters and {_orders(features.words)} words "
        f"(2^{features.bits} buckets, weights of 8 bits).",
        "",
        f"- SHA-256 of the file: `{digest}`",
        f"- signed with the Ed25519 key: `{key}`",
        f"- thresholds: findings of each category in {card.rate:.1%} of ordinary texts, those that look like others "
        "included, when their source is left out of training; a score of 0.5 is at the threshold: "
        + ", ".join(
            f"{head.category} at a probability of {head.thresholds[0]:.2f}, in Chinese {head.thresholds[1]:.2f}"
            for head in card.heads
        ),
        "",
    ]


def _data(card: Card, examples: Sequence[Example], origins: Mapping[str, str]) -> Iterator[str]:
    yield from ("## Data", "", f"{card.texts:,} texts; SHA-256 of all: `{card.data}`.", "")
    yield from ("| source | language | texts | ordinary | labels |", "|---|---|---|---|---|")
    groups: dict[tuple[str, str], list[Example]] = {}
    for example in examples:
        groups.setdefault((example.source, example.language), []).append(example)
    for (source, language), members in sorted(groups.items()):
        labels = Counter(label for each in members for label in each.labels)
        told = ", ".join(f"{label} {count}" for label, count in sorted(labels.items()))
        ordinary = sum(not each.labels for each in members)
        yield f"| {source} | {language} | {len(members):,} | {ordinary:,} | {told} |"
    yield from ("", *(f"- `{source}`: {origin}" for source, origin in origins.items()), "")


def _figures(card: Card) -> Iterator[str]:
    yield from ("## What it finds in sources that it was not trained on", "")
    yield "Each source was left out in turn; intervals are of 95 % (Wilson)."
    yield from ("", *_table(figures_of(card.report)), "")
    yield f"With what is doubtful, from a score of {LEAST} on, which policies may flag:"
    yield from ("", *_table(_totals(card, "doubted")))
    if together := _totals(card, "with_rules"):
        yield from ("", "From a score of 0.5 on, or by the rules that stand beside it, which were not trained:")
        yield from ("", *_table(together))


def _totals(card: Card, which: str) -> list[Figure]:
    return [each for each in figures_of(card.report, which) if each.source == "all"]


def _table(found: Iterable[Figure]) -> Iterator[str]:
    yield "| category | language | source | found | recall | ordinary | alarms | F1 |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in found:
        low, high = each.recall
        recall = f"{each.found / each.texts:.2f} ({low:.2f} to {high:.2f})" if each.texts else ""
        alarms = f"{each.alarms} ({each.alarms / each.ordinary:.1%})" if each.ordinary else ""
        cells = (each.category, each.language, each.source, f"{each.found} of {each.texts}", recall, each.ordinary)
        yield f"| {' | '.join(map(str, cells))} | {alarms} | {f'{each.f1:.2f}' if each.texts else ''} |"


def _orders(orders: Sequence[int]) -> str:
    return f"{orders[0]} to {orders[-1]}" if len(orders) > 1 else str(*orders)
