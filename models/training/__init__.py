"""Training: one step at a time, without a thread, a window or a progress bar."""
