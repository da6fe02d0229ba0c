"""The CRM that lives in a salesperson's terminal."""

__version__ = "0.1.0"
