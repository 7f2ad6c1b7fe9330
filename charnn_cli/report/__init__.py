"""An evaluation as one HTML page that needs nothing beside itself."""

from charnn_cli.report.page import render_report
from charnn_cli.report.write import check_target, write_report

__all__ = ["check_target", "render_report", "write_report"]
