"""Settings: the schema, the shipped recipes, and how files and flags become one checked `Config`."""

from charnn_cli.config.loading import DEFAULT, START, Settings, dump_yaml, load_settings, recipe_folder, recipe_names
from charnn_cli.config.schema import Config, ModelConfig, TrainingConfig

__all__ = [
    "DEFAULT",
    "START",
    "Config",
    "ModelConfig",
    "Settings",
    "TrainingConfig",
    "dump_yaml",
    "load_settings",
    "recipe_folder",
    "recipe_names",
]
