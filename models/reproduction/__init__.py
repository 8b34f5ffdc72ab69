"""Published protocols, run now, one file each."""
