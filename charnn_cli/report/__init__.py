"""An evaluation as one HTML page that needs nothing beside itself."""

from charnn_cli.report.page import check_target, render_report, write_report

__all__ = ["check_target", "render_report", "write_report"]
