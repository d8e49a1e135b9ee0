"""What do the words mean? Values, enums, transitions and errors; standard library only, no I/O, no clock."""
