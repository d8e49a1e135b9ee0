"""bookvalue: a fixed-asset subledger that closes itself."""

__version__ = "0.1.0"
