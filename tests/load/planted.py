"""A service of a few lines that stores notes as ours does, but for one defect planted in it: what
finds nothing wrong with it could not find it in ours either.

    python3 planted.py DATA none|early|lax|trusting|careless

none      it commits durably, then answers
early     it answers, and commits a moment later
lax       it commits without waiting for the disk (synchronous=OFF)
careless  it answers as if a commit that failed had not
trusting  it starts on whatever it finds, without making that durable first
"""

import json
import os
import socketserver
import sqlite3
import sys
import threading
import time

DATA, DEFECT = sys.argv[1:]
os.makedirs(DATA, exist_ok=True)
database = sqlite3.connect(
    f"{DATA}/allclear.db", isolation_level=None, check_same_thread=False
)
database.execute("PRAGMA journal_mode = WAL")
database.execute(f"PRAGMA synchronous = {'OFF' if DEFECT == 'lax' else 'FULL'}")
database.execute("PRAGMA wal_autocheckpoint = 0")
database.execute(
    "CREATE TABLE IF NOT EXISTS event (position INTEGER PRIMARY KEY, version, entry, data)"
)
if DEFECT != "trusting":
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

turn = threading.Lock()
position, versions, answers = 0, {}, {}
for position, version, entry in database.execute(
    "SELECT position, version, entry FROM event ORDER BY position"
):
    versions[json.loads(entry)["no"]] = version


def decided(number, key, if_match, events):
    """The answer to a request, and the rows that it stores."""
    at = versions.get(number, 0)
    if key in answers:
        return answers[key], []
    if if_match is not None and if_match != str(at):
        return (412, {}), []
    if any(event["type"] != "note_added" for event in events):
        return (409, {}), []
    rows, places = [], []
    for step, event in enumerate(events, 1):
        place = {"position": position + step, "version": at + step}
        entry = {"pos": position + step, "ver": at + step, "no": number, "batch": key}
        data = {"data": event["data"]}
        rows.append((*place.values(), json.dumps(entry), json.dumps(data)))
        places.append(place)
    return (201, {"events": places}), rows


def store(rows):
    try:
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO event VALUES (?, ?, ?, ?)", rows)
        database.execute("COMMIT")
    except sqlite3.Error as error:
        if DEFECT == "careless":
            return
        print(error, file=sys.stderr)
        os._exit(70)


class Client(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        while self.request_line():
            pass

    def request_line(self):
        global position
        path = self.rfile.readline().split()
        if not path:
            return False
        headers = {}
        while line := self.rfile.readline().strip():
            name, value = line.decode().split(": ", 1)
            headers[name.lower()] = value.strip('"')
        events = json.loads(self.rfile.read(int(headers["content-length"])))
        number = int(path[1].split(b"-")[1].split(b"/")[0])
        key = headers["idempotency-key"]
        with turn:
            answer, rows = decided(number, key, headers.get("if-match"), events)
            if DEFECT == "early":
                self.answer(answer)
                # However fast the disk is, a kill meets this moment in one of a few runs.
                time.sleep(0.005)
            if rows:
                store(rows)
                position += len(rows)
                versions[number] = versions.get(number, 0) + len(rows)
                answers[key] = answer
            if DEFECT != "early":
                self.answer(answer)
        return True

    def answer(self, answer):
        status, body = answer
        body = json.dumps(body).encode()
        self.wfile.write(b"HTTP/1.1 %d -\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


with Server(("127.0.0.1", 0), Client) as server:
    print(f"planted on http://127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()
