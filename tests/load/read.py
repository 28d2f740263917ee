"""Reads logs as they stand in files, with the standard library's own SQLite.

    python3 read.py

For each line of the input, the name of a database that nobody has open, one line of JSON: its
events in order.
"""

import json
import sqlite3
import sys


def event(position, version, entry, data):
    entry, data = json.loads(entry), json.loads(data)
    assert (entry["pos"], entry["ver"]) == (position, version), entry
    name = "SYS" if entry["no"] is None else f"INC-{entry['no']}"
    text = data["data"].get("text")
    return {"position": position, "ref": name, "version": version, "batch": entry["batch"], "data": {"text": text}}


for line in sys.stdin:
    database = sqlite3.connect(line.rstrip("\n"))
    check = database.execute("PRAGMA integrity_check").fetchone()[0]
    assert check == "ok", check
    rows = database.execute("SELECT position, version, entry, data FROM event ORDER BY position")
    print(json.dumps([event(*row) for row in rows]), flush=True)
    database.close()
