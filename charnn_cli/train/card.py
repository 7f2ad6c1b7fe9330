"""The model card: what a run folder says of itself to the person who finds it."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from charnn_cli.terminal import in_markdown
from charnn_cli.train.writing import card_figures
from charnn_cli.trained import TrainedModel

SETS = "## Sets of origins"
HUB_METRICS = {"balanced_accuracy": "accuracy", "top_3_accuracy": "accuracy", "macro_f1": "f1", "weighted_f1": "f1"}
LIMITS = """\
## What it is for, and what it cannot tell

It says which of its labels a name's spelling resembles, as a probability. It is meant for teaching, for describing
large lists of names in aggregate, and as a starting point that a person checks.

A name does not tell a person's identity, nationality or ethnicity: names are inherited, taken at marriage, changed,
respelled and shared between languages. Do not use the answers for decisions about individuals. The figures above
hold for names drawn like the ones this model was trained and tested on, and for no other population.
"""


WRITES = """\
## What it is for, and what it cannot do

It writes names that look like those it was trained on, for teaching, for examples and for tests. Some are names that
training held, and others may be those of real persons. As a classifier it is a comparison, not the better one.

A name does not tell a person's identity, nationality or ethnicity. Do not use what it writes or says for decisions
about individuals.
"""


def repository_page(name: str, card: str, trained: TrainedModel, metrics: Mapping[str, Any], command: str) -> str:
    """README.md of a model repository: the model card behind what a hub reads, and how the model is used and made.

    https://huggingface.co/docs/hub/model-cards says what the first lines may tell.
    """
    from charnn_cli.config.faults import new_yaml

    told = io.StringIO()
    new_yaml().dump(_for_hubs(name, trained, metrics), told)
    asking = "generate" if trained.architecture.generates else "predict Hinton"
    versions, data = metrics["versions"], trained.about["data"]
    return f"""\
---
{told.getvalue()}---

{card}
## Use

Where this folder is the working folder, and charnn is installed:

```
CHARNN_MODEL=. charnn {asking}
```

```python
from charnn_cli import load

load(".")
```

## How it was made

```
{command}
```

- names: {in_markdown(data["path"])}, {data["rows"]:,} of the fingerprint `{data["fingerprint"]}`
- charnn {versions["charnn"]}, torch {versions["torch"]}, Python {versions["python"]}; finished {metrics["finished"]}
- licence: the program's is MIT; those of the names are for their owners to say, and that of the weights for whoever
  publishes them, in the first lines of this page
"""


def _for_hubs(name: str, trained: TrainedModel, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What the first lines of a model's page tell a hub, by its keys."""
    source = trained.about["data"]["path"].rpartition("/")[2]
    task = "text-generation" if trained.architecture.generates else "text-classification"
    side = next((side for side in ("test", "validation") if side in metrics), None)
    measured = [
        {"type": HUB_METRICS.get(key, key), "name": key, "value": float(value)}
        for key, value in (metrics[side]["metrics"] if side else {}).items()
    ]
    dataset = {"name": source, "type": source, "split": side}
    results = [{"task": {"type": task}, "dataset": dataset, "metrics": measured}]
    return {
        "library_name": "charnn",
        "pipeline_tag": task,
        "license": "unknown",
        "language": "multilingual",
        "tags": ["charnn", "names", "character-level", trained.architecture.cell],
        "datasets": [source],
        "metrics": list(dict.fromkeys(told["type"] for told in measured)),
        **({"model-index": [{"name": name, "results": results}]} if measured else {}),
    }


def model_card(name: str, trained: TrainedModel, metrics: Mapping[str, Any]) -> str:
    """A Markdown page: data, split, figures by origin, intended use and limits."""
    architecture, data, split = trained.architecture, trained.about["data"], trained.about["split"]
    lines = [
        f"# Model card: {in_markdown(name)}",
        "",
        f"A character-level network (cell `{architecture.cell}`, hidden size {architecture.hidden_size}, "
        f"{sum(tensor.size for tensor in trained.tensors.values()):,} weights) that "
        + (
            f"writes names of {len(trained.labels)} origins, letter by letter."
            if architecture.generates
            else f"tells {len(trained.labels)} origins of names apart."
        ),
        "",
        "## Data and split",
        "",
        f"- {data['rows']:,} names, fingerprint `{data['fingerprint'][:16]}`",
        f"- split by name with seed {split['seed']}: {split['validation_fraction']:.0%} validation, "
        f"{split['test_fraction']:.0%} test, the rest training",
        f"- weights of epoch {metrics['best_epoch']}; probabilities at temperature {trained.scaling:.3f}, "
        "fitted on the validation names",
        *_start(trained),
        *_words(trained),
        *_counted(trained),
        "",
        "## Figures",
        "",
    ]
    lines += card_figures(metrics) if architecture.generates else _figures(metrics)
    lines += ["", WRITES if architecture.generates else LIMITS]
    return "\n".join(lines)


def _start(trained: TrainedModel) -> list[str]:
    if not (start := trained.about.get("start")):
        return []
    tested = start["tested"]
    known = (
        "it does not list the names that it had learned"
        if tested is None
        else f"which had learned {tested:,} of the test names"
    )
    shared = f"; labels that keep their weights: {len(start['labels'])}" if start["labels"] else ""
    return [f"- began with the network of {in_markdown(start['run'])} (`{start['sha256'][:16]}`), {known}{shared}"]


def _words(trained: TrainedModel) -> list[str]:
    if trained.several_words is None:
        return []
    line = f"- {trained.several_words:.1%} of the training names had several words"
    if trained.knows_single_words:
        line += ": it has learned single words, and reads of a person's full name the family name alone"
    return [line]


def _counted(trained: TrainedModel) -> list[str]:
    if not trained.about.get("counts_validation"):
        return []
    return [
        "- its language models have counted the validation names too; the figures of those are of the model before that"
    ]


def _figures(metrics: Mapping[str, Any]) -> list[str]:
    sides = [side for side in ("validation", "test") if side in metrics]
    if not sides:
        return ["No names were held out, so nothing is known of how well it does on names that it has not seen."]
    lines = [f"| metric | {' | '.join(sides)} |", f"| --- |{' ---: |' * len(sides)}"]
    lines.append(f"| names | {' | '.join(format(metrics[side]['n'], ',') for side in sides)} |")
    for key in metrics[sides[0]]["metrics"]:
        values = " | ".join(f"{metrics[side]['metrics'][key]:.3f}" for side in sides)
        lines.append(f"| {key} | {values} |")
    side = sides[-1]
    lines += ["", f"By origin, on the {side} names:", "", "| origin | names | precision | recall | F1 |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for row in metrics[side]["per_origin"]:
        shares = " | ".join("-" if row[key] is None else f"{row[key]:.2f}" for key in ("precision", "recall", "f1"))
        lines.append(f"| {in_markdown(row['origin'])} | {row['support']} | {shares} |")
    section = sets_section(metrics[side].get("sets", ()))
    return [*lines, "", *section] if section else lines


def sets_section(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What sets of origins held on the test names, by `PredictionSets.measured`; nothing where nothing was measured."""
    if not rows:
        return []
    told = "How often sets hold the true origin of test names that are to hold so large a share of them; fitted on the "
    lines = [SETS, "", told + "validation names.", ""]
    lines += ["| asked for | of names | held it | origins a set |", "| ---: | --- | ---: | ---: |"]
    for row in rows:
        kind = f"{row['names'].replace('_', ' ')} ({row['n']:,})"
        lines.append(f"| {row['coverage']:.0%} | {kind} | {row['measured']:.1%} | {row['mean_size']:.2f} |")
    return lines
