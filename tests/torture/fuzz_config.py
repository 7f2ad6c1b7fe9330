"""Any bytes as settings: a config that dumps and loads as itself, or faults in one line each."""

from common import scratch

from charnn_cli.config import dump_yaml, load_settings
from charnn_cli.errors import ConfigError

SEEDS = [
    b"\0model: {cell: lstm, forget_bias: 2.0}\ntraining:\n  lr: 1e-3\n  clip_norm: null\nseed: 7\n",
    b'\0data: {split_seed: 1, name_column: "x"}\ntext: {romanise: false}\nmodel: {ngram_orders: [1, 2]}\n',
    b"\0a: &a [*a, 0x1F, 1_000, .inf, 2026-01-01, !!binary aGk=, ? [1] : 2]\n",
    b"\0model: {cell: lesson, input: one_hot}\nmodel.cell: gru\nmodel: 3\n",
    b"\1training.optimiser=sgd\ntraining.momentum=0.9\n",
    b"\1model={cell: mlp, wide: false}\nmodel.language_model=false\nmodel.ngram_orders=[1, 2, 3]\n",
    b"\1seed=.nan\n=1\nx\ntraining.lr.x=[[[[\n",
]
_FILE = scratch() / "x.yaml"


def check(data: bytes) -> None:
    """The first byte chooses between a file and assignments, a line each."""
    way, content = (data[:1] or b"\0")[0], data[1:]
    try:
        if way % 2:
            settings = load_settings(None, content.decode("utf-8", "surrogateescape").split("\n"))
        else:
            _FILE.write_bytes(content)
            settings = load_settings(str(_FILE))
    except ConfigError as error:
        assert error.lines()
        for line in error.lines():
            assert ": " in line, line
        return
    _FILE.write_text(dump_yaml(settings.config), encoding="utf-8")
    assert load_settings(str(_FILE)).config == settings.config
    _FILE.write_text(settings.describe(), encoding="utf-8")
    assert load_settings(str(_FILE)).config == settings.config
