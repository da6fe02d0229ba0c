"""How fast `crm` is, as ratios to reference programs measured side by side: `python -m benchmarks`."""
