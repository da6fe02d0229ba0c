"""The README's pictures and examples, made from the program itself.

`python docs/make.py` runs every `$ crm …` of the README's console blocks, in order, on one database, puts what was
printed under it, draws the screens of the demo as SVG, and docs/growth.svg from the figures in docs/growth.json (which
`python -m benchmarks --growth --full --json docs/growth.json` measures). `--check` changes nothing and fails when
something would.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
README = ROOT / "README.md"
PICTURES = {
    "today.svg": ("today", "en"),
    "today-zh.svg": ("today", "zh"),
    "show.svg": ("show 张三", "en"),
    "show-zh.svg": ("show 张三", "zh"),
}
"""Each picture's file, the command it shows on the demo's database, and its language."""
WIDTH = 96
NOW = "2026-11-25T09:00:00+08:00"
_FENCE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_TEXT = re.compile(r'textLength="(?P<length>[\d.]+)"(?P<rest>[^>]*>)(?P<text>[^<]+)</text>')
_THEME = TerminalTheme(
    (24, 26, 31),
    (220, 223, 228),
    [
        (24, 26, 31),
        (240, 113, 120),
        (152, 195, 121),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (171, 178, 191),
    ],
)
_SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "Sarasa Mono SC", "Noto Sans Mono CJK SC", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def crm(command: str, database: Path, **environ: str) -> str:
    """Run `crm COMMAND` and return what it printed, errors included."""
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(database.parent),
        "CRM_DB": str(database),
        "CRM_NOW": NOW,
        "TZ": "Asia/Shanghai",
        "USER": "wei",
        "CRM_LANG": "en",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": str(WIDTH),
    }
    shell = f'crm() {{ {shlex.quote(sys.executable)} -m crmcli "$@"; }}; {command}'
    done = subprocess.run(  # noqa: S603 - the commands are the README's own
        ["/bin/bash", "-c", shell],
        cwd=database.parent,
        env={**clean, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def readme(folder: Path) -> str:
    """Return the README with every example run anew."""
    database = folder / "readme.db"

    def run_block(block: re.Match[str]) -> str:
        lines = []
        for line in block[0].splitlines():
            if line.startswith("$ "):
                lines += [line, *crm(line[2:], database).rstrip("\n").splitlines()]
        return "\n".join(lines) + "\n"

    return _FENCE.sub(run_block, README.read_text("utf-8"))


def picture(name: str, folder: Path) -> str:
    """Return a screen of the demo as SVG."""
    command, language = PICTURES[name]
    database = folder / "demo.db"
    if not database.exists():
        crm(f"crm demo --db {shlex.quote(str(database))}", database)
    printed = crm(f"crm {command}", database, CRM_LANG=language, FORCE_COLOR="1")
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: PTH123, SIM115
    screen = Text.from_ansi(f"$ crm {command}\n{printed.rstrip()}")
    for number, word in enumerate(re.finditer(r"\S+", screen.plain)):
        # a style of its own gives each word its own place, so that no font's widths can shift what follows
        screen.stylize(Style(meta={"word": number}), *word.span())
    console.print(screen)
    drawn = console.export_svg(title="crm", theme=_THEME, code_format=_SVG, unique_id=Path(name).stem)
    return _TEXT.sub(_as_wide_as_its_cells, drawn)


def _as_wide_as_its_cells(text: re.Match[str]) -> str:
    """Return a text of the picture as wide as its cells; Rich gives a cell to every character, and 张三 has four."""
    wide = cell_len(unescape(text["text"])) / len(unescape(text["text"]))
    return f'textLength="{round(float(text["length"]) * wide, 1):g}"{text["rest"]}{text["text"]}</text>'


def growth() -> str:
    """Return the picture of how cost grows with size, as it was measured last."""
    from benchmarks.picture import picture as drawn

    return drawn(json.loads((ROOT / "docs" / "growth.json").read_text("utf-8")))


def main() -> int:
    """Make everything anew, or with --check tell what is out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is out of date")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        made = {ROOT / "docs" / name: picture(name, Path(folder)) for name in PICTURES}
        made[README] = readme(Path(folder))
    made[ROOT / "docs" / "growth.svg"] = growth()
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run python docs/make.py\n")
        else:
            path.write_text(made[path], "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
