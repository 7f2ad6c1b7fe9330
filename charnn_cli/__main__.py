"""`charnn` and `python -m charnn_cli`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The command line, which an interrupt ends without a traceback even while it is being loaded."""
    try:
        from charnn_cli.cli import app
    except KeyboardInterrupt:
        sys.exit(130)
    app.main()


if __name__ == "__main__":
    main()
