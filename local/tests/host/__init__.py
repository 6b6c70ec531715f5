"""Tests of the emulator host."""
