"""Both languages: every message is in the Chinese catalogue, translated, with the same placeholders, compiled."""

import string

from tests import catalogue


def test_the_catalogue_has_every_message_and_no_other() -> None:
    ids = [message.id for message in catalogue.read() if message.id]
    known = {id_ if isinstance(id_, str) else tuple(id_) for id_ in ids}
    assert known == set(catalogue.messages()), "run: python -m tests.catalogue, then translate"


def test_every_message_is_translated() -> None:
    missing = [message.id for message in catalogue.read() if message.id and not all(_forms(message.string))]
    assert not missing


def test_a_translation_has_the_placeholders_of_its_message() -> None:
    for message in catalogue.read():
        allowed = set().union(*(_placeholders(form) for form in _forms(message.id)))
        for form in _forms(message.string):
            assert _placeholders(form) <= allowed, message.id
            if isinstance(message.id, str) and message.id:
                assert _placeholders(form) == allowed, message.id


def test_the_compiled_catalogue_is_up_to_date() -> None:
    assert catalogue.MO.read_bytes() == catalogue.compiled(catalogue.read()), "run: python -m tests.catalogue"


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
