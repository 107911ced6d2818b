"""Runs the analytics over the store, in a process of its own, and keeps what they find."""
