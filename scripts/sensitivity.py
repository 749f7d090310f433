#!/usr/bin/env python3
"""What becomes of the figures of `make accuracy` if one constant were another.

  scripts/sensitivity.py FILE NAME [SECTION...] [--by 0.8,1.25]

FILE holds `const NAME: TYPE = NUMBER;`, or, for NAME `COSTS.skip`, `const COSTS` with a field `skip: NUMBER`. The committed tree is
copied, the constant multiplied by 1 and by each factor, and the sections of the accuracy bench are run (all of them where none is
named). Prints each figure that changed, with `!` where it misses its aim; a change that nothing notices is told as well. The copy is built in
target/sensitivity; PROFILE=dev builds faster and runs slower.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
parser.add_argument("name")
parser.add_argument("section", nargs="*")
parser.add_argument("--by", default="0.8,1.25", help="factors, with commas between")
args = parser.parse_args()
root = pathlib.Path(__file__).resolve().parent.parent
number = r"-?\d[\d_]*(?:\.\d+)?(?:e-?\d+)?"


def varied(source, factor):
    """`source` with the constant times `factor`, and its new value; the text is as it was where it is times 1."""
    constant, _, field = args.name.partition(".")
    place = re.search(rf"const {re.escape(constant)}\b[^=;]*= ", source)
    if not place:
        sys.exit(f"{args.file} has no `const {constant}`")
    pattern = rf"\b{re.escape(field)}: ({number})" if field else rf"({number})(?=;)"
    found = re.compile(pattern).search(source, place.end(), source.index(";", place.end()) + 1)
    if not found:
        sys.exit(f"`{args.name}` in {args.file} is no number that stands there")
    old = found[1].replace("_", "")
    is_whole = re.fullmatch(r"-?\d+", old)
    new = str(round(int(old) * factor)) if is_whole else f"{float(old) * factor:.6g}"
    if not is_whole and "." not in new and "e" not in new:
        new += ".0"
    return source[: found.start(1)] + new + source[found.end(1) :], new


def figures(tree, text):
    """The figures with `text` in the file's place: what, figure, aim, whether it is met."""
    (tree / args.file).write_text(text, encoding="utf8")
    table = tree / "figures.tsv"
    table.unlink(missing_ok=True)
    profile = ["--profile", os.environ["PROFILE"]] if "PROFILE" in os.environ else []
    environment = dict(os.environ, CARGO_TARGET_DIR=str(root / "target/sensitivity"), ACCURACY_FIGURES=str(table))
    command = ["cargo", "bench", "--locked", "--bench", "accuracy", *profile, "--", *args.section]
    # An aim that is missed ends it with 1, as does what does not compile.
    ran = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if not table.exists():
        sys.exit(f"the bench gave no figures:\n{ran.stderr[-3000:]}")
    return {what: rest for what, *rest in (line.split("\t") for line in table.read_text(encoding="utf8").splitlines())}


with tempfile.TemporaryDirectory() as folder:
    tree = pathlib.Path(folder) / "tree"
    subprocess.run(["git", "worktree", "add", "-q", "--detach", tree, "HEAD"], cwd=root, check=True)
    try:
        # Where recordings of people lie beside the project, they lie beside its copy.
        if (root.parent / "shared").is_dir():
            (tree.parent / "shared").symlink_to(root.parent / "shared")
        source = (tree / args.file).read_text(encoding="utf8")
        values, columns = [], []
        for factor in [1.0, *map(float, args.by.split(","))]:
            text, value = (source, varied(source, 1.0)[1]) if factor == 1.0 else varied(source, factor)
            print(f"{args.name} = {value} …", file=sys.stderr)
            values.append(value)
            columns.append(figures(tree, text))
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=root, check=False)
changed = [what for what in columns[0] if len({tuple(column.get(what, ("",))[:1]) for column in columns}) > 1]
if not changed:
    print(f"none of {len(columns[0])} figures notices {args.name} at {', '.join(values[1:])} instead of {values[0]}")
    sys.exit()
width = max(map(len, changed))
print(f"{len(changed)} of {len(columns[0])} figures change with {args.name} ({args.file})")
print(" ".join([f"{'':{width}}", *(f"{value:>10}" for value in values), "aim"]))
for what in changed:
    cells = [column.get(what, ("–", "", "true")) for column in columns]
    print(" ".join([f"{what:{width}}", *(f"{figure}{'' if met == 'true' else '!'}".rjust(10) for figure, _, met in cells), cells[0][1]]))
