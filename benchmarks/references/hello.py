"""A Typer program with one command: what --help and completion cost."""

from typing import Annotated

import typer

NAMES = ["张三", "李四", "Ann Lee"]
app = typer.Typer()


def complete_name(incomplete: str) -> list[str]:
    """Return the names that begin with what was typed."""
    return [name for name in NAMES if name.startswith(incomplete)]


@app.command()
def hello(name: Annotated[str, typer.Argument(autocompletion=complete_name)], loud: bool = False) -> None:
    """Greet somebody."""
    typer.echo(f"Hello {name}{'!' if loud else ''}")


if __name__ == "__main__":
    app(prog_name="hello")
