"""Holds a report of `cargo llvm-cov report --json` against floors: `floors.py REPORT FLOORS`; exit 1 when a module is below.

A line of FLOORS: module (a path of a source without `.rs`; what lies in the folder of that name belongs to it), percent of
lines, percent of regions. The longest module that fits counts. A source without a floor fails, too.
"""

import json
import re
import sys

report, floors_file = sys.argv[1:]
floors = {}
for line in open(floors_file, encoding="utf-8"):
    words = line.split("#")[0].split()
    if words:
        floors[words[0]] = (float(words[1]), float(words[2]))
found = {module: [0, 0, 0, 0] for module in floors}
failed = False
for source in json.load(open(report, encoding="utf-8"))["data"][0]["files"]:
    place = re.search(r"crates/.*$", source["filename"])
    path = place.group().removesuffix(".rs") if place else ""
    # Tests in files of their own are not what is covered.
    if not path or re.search(r"/(tests|vectors|examples)(/|$)", path):
        continue
    fits = [module for module in floors if path == module or path.startswith(module + "/")]
    if not fits:
        print(f"{path}: no floor")
        failed = True
        continue
    lines, regions = source["summary"]["lines"], source["summary"]["regions"]
    counts = (lines["covered"], lines["count"], regions["covered"], regions["count"])
    into = found[max(fits, key=len)]
    into[:] = [a + b for a, b in zip(into, counts)]
for module, (a, b, c, d) in found.items():
    of = lambda covered, count: 100 * covered / count if count else 0.0
    verdict = "" if of(a, b) >= floors[module][0] and of(c, d) >= floors[module][1] else "  below its floor"
    failed |= bool(verdict)
    print(f"{module:36} {of(a, b):6.2f} % of {b:5} lines  {of(c, d):6.2f} % of {d:5} regions{verdict}")
sys.exit(failed)
