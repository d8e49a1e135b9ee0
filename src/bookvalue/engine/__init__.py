"""How much? Arrays in, arrays out: NumPy only, no I/O, no clock, no float."""
