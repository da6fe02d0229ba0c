"""The daily verbs without a parser: query, arrange, show. The commands and the short way of `__main__` both call these."""
