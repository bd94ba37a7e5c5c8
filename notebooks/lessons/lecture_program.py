"""Runs one of the lecture's programs until this process's input ends, as when its starter is dead.

    python lecture_program.py service.py

lecture_service.py starts it and holds the other end of the input. So the program ends with the
notebook's kernel, even if the kernel is killed.
"""

import os
import runpy
import sys
import threading


def _exit_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_exit_with_the_input, daemon=True).start()
    runpy.run_path(sys.argv[1], run_name="__main__")
