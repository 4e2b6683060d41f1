"""The words of the field as plain frozen values: no I/O, no vendor, no numpy."""
