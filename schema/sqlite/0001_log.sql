-- The log and what is looked up beside it (design 4.2). These are the only tables of state: an
-- incident is folded from its events, and the rows of `incident` can be folded again from them.
-- Times are microseconds since 1970 UTC, UUIDs are their 16 bytes, and JSON is text, never JSONB:
-- the bytes of an event are hashed and must come back as they went in.

CREATE TABLE log (
    one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    origin      BLOB    NOT NULL CHECK (LENGTH(origin) = 16),
    schema      INTEGER NOT NULL,
    position    INTEGER NOT NULL CHECK (position >= 0),
    incidents   INTEGER NOT NULL CHECK (incidents >= 0),
    receipt_key BLOB    NOT NULL CHECK (LENGTH(receipt_key) = 32)
) STRICT;

CREATE TABLE event (
    position INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    incident BLOB    NOT NULL CHECK (LENGTH(incident) = 16),
    version  INTEGER NOT NULL CHECK (version > 0),
    entry    TEXT    NOT NULL,
    salt     BLOB    CHECK (LENGTH(salt) = 32),
    data     TEXT,
    UNIQUE (incident, version),
    CHECK ((salt IS NULL) = (data IS NULL))
) STRICT;

CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted');
END;

-- A redaction takes salt and data away together; nothing else of an event ever changes.
CREATE TRIGGER event_is_final BEFORE UPDATE ON event
WHEN NEW.position IS NOT OLD.position
    OR NEW.incident IS NOT OLD.incident
    OR NEW.version IS NOT OLD.version
    OR NEW.entry IS NOT OLD.entry
    OR NEW.salt IS NOT NULL
    OR NEW.data IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an event never changes, but for salt and data taken away together');
END;

-- INSERT OR REPLACE deletes what is in its way without asking the trigger on DELETE.
CREATE TRIGGER event_is_not_replaced BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE position = NEW.position)
    OR EXISTS (SELECT 1 FROM event WHERE incident = NEW.incident AND version = NEW.version)
BEGIN
    SELECT RAISE(ABORT, 'an event is never replaced');
END;

-- The board. Its rows lie in the order of their numbers, and every index ends with the number by
-- itself: a filter by one of these columns reads newest first without sorting.
CREATE TABLE incident (
    number       INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    id           BLOB    NOT NULL UNIQUE CHECK (LENGTH(id) = 16),
    version      INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    severity     TEXT,
    service      TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    commander    TEXT,
    announced_at INTEGER NOT NULL,
    restored_at  INTEGER,
    resolved_at  INTEGER,
    updated_at   INTEGER NOT NULL,
    due_at       INTEGER
) STRICT;

CREATE INDEX incident_by_state ON incident (state);
CREATE INDEX incident_by_service ON incident (service);
CREATE INDEX incident_by_severity ON incident (severity);
CREATE INDEX incident_by_commander ON incident (commander);
CREATE INDEX incident_by_due ON incident (due_at) WHERE due_at IS NOT NULL;

-- One key of one principal makes one batch, for ever; only the fingerprint may be taken away.
CREATE TABLE receipt (
    principal     TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    incident      BLOB    NOT NULL CHECK (LENGTH(incident) = 16),
    first_version INTEGER NOT NULL,
    last_version  INTEGER NOT NULL,
    fingerprint   BLOB    CHECK (LENGTH(fingerprint) = 32),
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

-- The text of every runbook that was ever pinned, so that a replay needs nothing else.
CREATE TABLE runbook (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (LENGTH(sha256) = 64),
    text   TEXT NOT NULL
) STRICT;

CREATE TABLE principal (
    id       TEXT    NOT NULL PRIMARY KEY,
    kind     TEXT    NOT NULL,
    name     TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    role     TEXT,
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1))
) STRICT;

CREATE TABLE token (
    id            TEXT    NOT NULL PRIMARY KEY,
    secret_sha256 BLOB    NOT NULL UNIQUE CHECK (LENGTH(secret_sha256) = 32),
    principal     TEXT    NOT NULL REFERENCES principal (id),
    scopes        TEXT    NOT NULL,
    expires       INTEGER NOT NULL,
    revoked       INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT;
