"""Settings: the schema, the shipped recipes, and how files and flags become one checked `Config`."""

from charnn_cli.config.loading import Settings, dump_yaml, load_settings, recipe_folder, recipe_names
from charnn_cli.config.schema import Config, DataConfig, ModelConfig, TextConfig, TrainingConfig

__all__ = [
    "Config",
    "DataConfig",
    "ModelConfig",
    "Settings",
    "TextConfig",
    "TrainingConfig",
    "dump_yaml",
    "load_settings",
    "recipe_folder",
    "recipe_names",
]
