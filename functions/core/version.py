"""The version of the platform, as its build information and its protocols tell it."""

VERSION = "0.1.0"
