"""`python -m charnn_cli` is `charnn`."""

from charnn_cli.cli.app import main

if __name__ == "__main__":
    main()
