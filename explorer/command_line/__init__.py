"""What each command does. Imported only when its command is given, so that none waits for what another needs."""
