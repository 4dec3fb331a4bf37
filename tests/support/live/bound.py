"""Run a command in place of this process; the kernel ends it when the process PARENT ends, however that happens.

    python bound.py PARENT COMMAND ARGUMENT...

Without this, a killed test run would leave a Home Assistant behind. Elsewhere than on Linux the command simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(f"The process {parent} that started this one has ended")
    os.execvp(command[0], command)
