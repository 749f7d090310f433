#!/usr/bin/env python3
"""The licences of all that the program is made of, from `cargo metadata` on standard input: names first, then each text once."""
import glob
import json
import os
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"] or next(p["id"] for p in metadata["packages"] if p["name"] == "aloud")

inside, waiting = set(), [root]
while waiting:
    identity = waiting.pop()
    if identity in inside:
        continue
    inside.add(identity)
    # What only tests or build scripts use is not in the program.
    for dependency in nodes[identity]["deps"]:
        if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
            waiting.append(dependency["pkg"])

# What syom rebuilds bands and channels with is oxideav-aac's (MIT), as comparing both shows; it leaves that notice out, so it is given here.
SYOM, OXIDEAV = "Copyright (c) 2026 Evgeny Khodzitsky", "Copyright (c) 2026 Karpelès Lab Inc."

texts = {}
print("Crates in this program, and the licence that each names:\n")
for package in sorted((packages[identity] for identity in inside), key=lambda package: package["name"]):
    name = f"{package['name']} {package['version']}"
    print(f"{name}: {package['license'] or 'see its text'}")
    folder = os.path.dirname(package["manifest_path"])
    files = [f for pattern in ("LICEN[CS]E*", "COPYING*", "NOTICE*") for f in glob.glob(os.path.join(folder, pattern)) if os.path.isfile(f)]
    for file in sorted(files):
        with open(file, encoding="utf-8", errors="replace") as text:
            whole = text.read().strip()
        texts.setdefault(whole, []).append(name)
        if SYOM in whole and whole.startswith("MIT"):
            texts.setdefault(whole.replace(SYOM, OXIDEAV), []).append(f"parts of oxideav-aac in {name}")
for text, names in texts.items():
    print("\n" + "-" * 78 + "\n" + ", ".join(names) + ":\n\n" + text)
