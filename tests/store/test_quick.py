from crmcli.store import connection, quick


def test_knows_the_file_as_the_program_does() -> None:
    assert quick._APPLICATION_ID == connection.APPLICATION_ID  # noqa: SLF001 - written out there for its speed
    assert quick._SCHEMA == connection.SCHEMA  # noqa: SLF001 - the same
