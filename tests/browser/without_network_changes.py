#!/usr/bin/env python3
"""Chromium that never hears of a change of the network; run it as Chromium itself.

When an address comes or goes, as one does with every Docker network, Chromium aborts the requests
that are about to connect with ERR_NETWORK_CHANGED, also those to 127.0.0.1. No option turns that
off. Linux tells of changes by netlink sockets (man 7 netlink), and Chromium works without: it then
takes the network for unchanged. So this program forbids itself netlink sockets with a seccomp
filter (man 2 seccomp), which stays in force, and becomes Chromium.
"""

import ctypes
import os
import platform
import struct
import sys

PROGRAM = "WITHOUT_NETWORK_CHANGES"  # the setting that names the program to become

_SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]  # the system call's number
_AF_NETLINK, _EAFNOSUPPORT = 16, 97
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000

_FILTER = (
    (_LOAD, 0, 0, _NUMBER),
    (_JUMP_IF_EQUAL, 0, 3, _SOCKET),
    (_LOAD, 0, 0, _FIRST_ARGUMENT),
    (_JUMP_IF_EQUAL, 0, 1, _AF_NETLINK),
    (_RETURN, 0, 0, _FAIL | _EAFNOSUPPORT),
    (_RETURN, 0, 0, _ALLOW),
)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def forbid_netlink() -> None:
    """Let no netlink socket be opened by this process and its children. Raises OSError."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _FILTER))
    program = _Program(len(_FILTER), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program)),
    ):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    forbid_netlink()
    os.execv(os.environ[PROGRAM], [os.environ[PROGRAM], *sys.argv[1:]])
