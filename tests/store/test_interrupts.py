"""A request to end waits until what is being written is whole."""

import signal

import pytest

from charnn_cli.store.writer import uninterrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_end_waits_for_the_block(number: signal.Signals) -> None:
    before = signal.signal(number, signal.default_int_handler)
    done = False
    try:
        with pytest.raises(KeyboardInterrupt), uninterrupted():
            signal.raise_signal(number)
            done = True
        assert done
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


def test_a_block_that_fails_tells_its_own_error() -> None:
    with pytest.raises(OSError, match="full"), uninterrupted():
        signal.raise_signal(signal.SIGINT)
        raise OSError("full")


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
