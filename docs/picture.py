#!/usr/bin/env python3
"""Draws docs/session.svg from what the program really prints: `docs/picture.py [PROGRAM]` (target/debug/sscard).

Nothing but Python's standard library. crates/cli/tests/readme.rs runs the commands of the picture again and compares.
"""

import html
import os
import subprocess
import sys
import tempfile
import unicodedata

COMMANDS = [
    "sscard new --profile gen3 --seed 1 --set name=李测甲 -o card.img",
    "sscard transmit --card card.img 00A404000F7378312E73682EC9E7BBE1B1A3D5CF 0020000003111111 | tail -12",
    "sscard pay --card card.img --amount 12.34 --pin 123456 --date 2026-11-24 | tail -6",
    "sscard inspect --card card.img | grep -E '^(PIN|account)'",
]
COLOURS = {"$": "#7ee787", ">": "#79c0ff", "<": "#ffa657", "#": "#8b949e"}
LINE, LEFT, TOP, COLUMN = 20, 20, 60, 7.83


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "target/debug/sscard"))
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(program, os.path.join(folder, "sscard"))
        environment = dict(os.environ, PATH=folder + os.pathsep + os.environ["PATH"])
        environment.pop("SSCARD_READER", None)
        for command in COMMANDS:
            output = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, check=True,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            lines.append("$ " + command)
            lines += output.stdout.decode().splitlines()
    width = round(max(columns(line) for line in lines) * COLUMN + 2 * LEFT)
    height = TOP + LINE * len(lines) + 10
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' role="img" aria-label="A session with sscard">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
        '<circle cx="24" cy="22" r="6" fill="#ff5f56"/><circle cx="44" cy="22" r="6" fill="#ffbd2e"/>'
        '<circle cx="64" cy="22" r="6" fill="#27c93f"/>',
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, monospace" font-size="13" xml:space="preserve">',
    ]
    for at, line in enumerate(lines):
        colour = COLOURS.get(line[:1], "#e6edf3")
        y = TOP + LINE * at
        out.append(f'<text x="{LEFT}" y="{y}" fill="{colour}">{html.escape(line, quote=False)}</text>')
    out += ["</g>", "</svg>", ""]
    with open(os.path.join(root, "docs/session.svg"), "w", encoding="utf-8") as picture:
        picture.write("\n".join(out))


if __name__ == "__main__":
    main()
