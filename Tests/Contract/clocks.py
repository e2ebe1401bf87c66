"""Clocks for a program under test, which run ahead of the machine's."""

import mmap
import pathlib
import shutil
import struct
import subprocess

import pytest


class Clock:
    """The clocks of a program, moved by seconds against the machine's."""

    def __init__(self, folder):
        compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
        if not compiler:
            pytest.skip("needs a C compiler")
        library = folder / "shifted_clock.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).parent / "shifted_clock.c"], check=True)
        file = folder / "shift"
        file.write_bytes(bytes(16))
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT_FILE": str(file)}
        with open(file, "r+b") as opened:
            self.memory = mmap.mmap(opened.fileno(), 16)

    def move(self, wall=None, monotonic=None):
        for place, seconds in ((0, wall), (8, monotonic)):
            if seconds is not None:
                self.memory[place : place + 8] = struct.pack("=q", int(seconds * 1e9))
