"""Industries as data: one TOML file each, with labels in both languages."""
