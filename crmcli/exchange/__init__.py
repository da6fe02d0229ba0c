"""Bytes to rows and back, one module a format; no database."""
