-- Receipts in the order of their batches (src/ledger/sqlite/receipts.rs): what a turn adds lies side
-- by side, where keys would scatter it over as many pages. A key is found by its hash, in rows that
-- are filed by the thousand, those of one page together. `filed` is the last position whose receipt
-- is found so; whoever opens the log to write in it reads the few behind it.

CREATE TABLE receipt_by_batch (
    position      INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    principal     TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    incident      BLOB    NOT NULL CHECK (LENGTH(incident) = 16),
    first_version INTEGER NOT NULL,
    last_version  INTEGER NOT NULL,
    fingerprint   BLOB    CHECK (LENGTH(fingerprint) = 32)
) STRICT;

INSERT INTO receipt_by_batch
    (position, principal, key, incident, first_version, last_version, fingerprint)
SELECT event.position, receipt.principal, receipt.key, receipt.incident, receipt.first_version,
       receipt.last_version, receipt.fingerprint
FROM receipt
JOIN event ON event.incident = receipt.incident AND event.version = receipt.first_version
ORDER BY event.position;

DROP TABLE receipt;

ALTER TABLE receipt_by_batch RENAME TO receipt;

-- The hash is the first eight bytes of an HMAC under the log's receipt key.
CREATE TABLE receipt_key (
    hash     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (hash, position)
) STRICT, WITHOUT ROWID;

ALTER TABLE log ADD COLUMN filed INTEGER NOT NULL DEFAULT 0 CHECK (filed >= 0);
