"""What the shell may complete: recipes, settings, runs and kinds of plots. Called by the shell, never by a command."""


def recipe_words(incomplete: str) -> list[str]:
    """Recipes that begin so."""
    from charnn_cli.config import recipe_names

    return [name for name in recipe_names() if name.startswith(incomplete)]


def setting_words(incomplete: str) -> list[str]:
    """Settings that begin so; behind the sign, the values that one chooses from."""
    from charnn_cli.config.reference import settings

    key, sign, _ = incomplete.partition("=")
    if not sign:
        return [f"{setting.key}=" for setting in settings() if setting.key.startswith(key) and setting.key != "search"]
    words = (f"{key}={choice}" for setting in settings() if setting.key == key for choice in setting.choices)
    return [word for word in words if word.startswith(incomplete)]


def run_words(incomplete: str) -> list[str]:
    """Run folders here, and the model in the box."""
    from charnn_cli.store.location import SHIPPED_NAME, runs_here

    return [word for word in (*map(str, runs_here()), SHIPPED_NAME) if word.startswith(incomplete)]


def kind_words(incomplete: str) -> list[str]:
    """Kinds of plots."""
    from charnn_cli.plots import KINDS, PAGES

    return [kind for kind in (*KINDS, *PAGES) if kind.startswith(incomplete)]


def metric_words(incomplete: str) -> list[str]:
    """Metrics that can be bounded."""
    from charnn_cli.metrics.letters import LETTER_METRICS
    from charnn_cli.metrics.scores import METRICS

    return [f"{metric}=" for metric in (*METRICS, *LETTER_METRICS) if metric.startswith(incomplete)]
