"""The version of charnn, which runs and jobs record."""

__version__ = "0.1.0"
