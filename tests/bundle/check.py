"""Checks an audit bundle with the standard library alone: every entry is in the tree that the
checkpoint covers, and all data are those that their entries commit to.

    python3 check.py BUNDLE

The signature of the checkpoint is not checked here: the library has no Ed25519.
"""

import base64
import hashlib
import hmac
import json
import sys


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves):
    """RFC 6962, 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1", root_of(leaves[:split]), root_of(leaves[split:]))


def led_to(leaf, number, size, path):
    """RFC 9162, 2.1.3.2."""
    last, node = size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if number % 2 == 1 or number == last:
            node = sha256(b"\1", step, node)
            while number % 2 == 0 and number != 0:
                number, last = number // 2, last // 2
        else:
            node = sha256(b"\1", node, step)
        number, last = number // 2, last // 2
    return node if last == 0 else None


def path_of(proof, number, checkpoint):
    """C2SP tlog-proof."""
    head, _, note = proof.partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1", "this is no tlog-proof"
    assert lines[1] == f"index {number}", f"the proof is one of {lines[1]}"
    assert note == checkpoint, "the proof is against another checkpoint"
    return [base64.b64decode(line, validate=True) for line in lines[2:]]


def check(lines):
    bundle = lines[0]["bundle"]
    checkpoint = next(line["checkpoint"] for line in lines if "checkpoint" in line)
    origin, size, root = checkpoint.split("\n\n")[0].split("\n")
    size, root = int(size), base64.b64decode(root)
    assert (origin, size) == (bundle["origin"], bundle["size"]), "the checkpoint is of another log"
    events = [line["event"] for line in lines if "event" in line]
    assert lines[-1] == {"end": {"events": len(events)}}, "the bundle is cut short"
    books = [line["runbook"] for line in lines if "runbook" in line]
    for book in books:
        assert sha256(book["text"].encode()).hex() == book["sha256"], "the runbook is another one"
    leaves, erased, versions = [], 0, {}
    for event in events:
        position, entry = event["position"], json.loads(event["entry"])
        leaf = sha256(b"\0", event["entry"].encode())
        leaves.append(leaf)
        assert position == entry["pos"] and event["incident"] == entry["inc"], "a column lies"
        if bundle["incident"] is not None:
            path = path_of(event["proof"], position - 1, checkpoint)
            proven = led_to(leaf, position - 1, size, path) == root
            assert proven, f"the event at {position} is not in the tree"
        if event["data"] is None:
            erased += 1
        else:
            salt = bytes.fromhex(event["salt"])
            commitment = hmac.new(salt, event["data"].encode(), "sha256").hexdigest()
            assert commitment == entry["data"], f"the data are others at {position}"
        if bundle["incident"] in (None, entry["inc"]):
            assert entry["ver"] == versions.get(entry["inc"], 0) + 1, f"a gap before {position}"
            versions[entry["inc"]] = entry["ver"]
    if bundle["incident"] is None:
        assert len(leaves) == size, "events are missing"
        assert root_of(leaves) == root, "an event is not in the tree, or another one is"
    return len(events), erased


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    try:
        events, erased = check(lines)
    except AssertionError as wrong:
        sys.exit(f"refused: {wrong}")
    print(f"{events} events proven, {erased} erased")


main()
