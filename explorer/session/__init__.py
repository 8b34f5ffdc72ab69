"""What the user is doing: commands, channels, the trainer's and the observer's loops, history. Knows no window."""
