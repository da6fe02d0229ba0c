"""The reference programs: what a command of its kind costs at least, or usually. Each is started as a script."""
