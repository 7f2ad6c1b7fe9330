"""Commands that are ended by the kernel when they, or a process of theirs, open a socket of the network."""

import ctypes
import platform
import struct
import sys

CAN_REFUSE = sys.platform == "linux" and platform.machine() == "x86_64"

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of classic BPF: load a word, jump if equal, return
_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_SYSTEM_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_X86_64, _SOCKET = 0xC000003E, 41
_AF_INET, _AF_INET6 = 2, 10

_PROGRAM = [
    (_LOAD, 0, 0, _ARCHITECTURE),
    (_EQUAL, 0, 6, _X86_64),
    (_LOAD, 0, 0, _SYSTEM_CALL),
    (_EQUAL, 0, 4, _SOCKET),
    (_LOAD, 0, 0, _FIRST_ARGUMENT),
    (_EQUAL, 1, 0, _AF_INET),
    (_EQUAL, 0, 1, _AF_INET6),
    (_RETURN, 0, 0, _KILL),
    (_RETURN, 0, 0, _ALLOW),
]


def refuse() -> None:
    """For `preexec_fn`: this process and all that it starts are killed when they open an IPv4 or IPv6 socket."""
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _PROGRAM)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(_PROGRAM), ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program):
        raise OSError(ctypes.get_errno(), "no filter of system calls")
