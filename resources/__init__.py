"""Icons, presets, lessons and sample data that ship with the program."""
