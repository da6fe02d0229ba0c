"""The daily verbs without a parser: query, arrange, show. Commands and the short way of `__main__` both call these."""
