-- Receipts in the order of their batches (src/ledger/sqlite/receipts.rs): what a turn adds lies side
-- by side, where keys would scatter it over as many pages. A key is found by its hash, and hashes
-- are filed by the thousand.

CREATE TEMP TABLE earlier AS
SELECT COALESCE(event.position, 0) AS position, receipt.principal, receipt.key, receipt.incident,
       receipt.first_version, receipt.last_version, receipt.fingerprint
FROM receipt
LEFT JOIN event ON event.incident = receipt.incident AND event.version = receipt.first_version;

DROP TABLE receipt;

-- One key of one principal makes one batch, for ever; only the fingerprint may be taken away. The
-- position is that of the batch's first event: a receipt of an event that is not there is refused.
CREATE TABLE receipt (
    position      INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    principal     TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    incident      BLOB    NOT NULL CHECK (LENGTH(incident) = 16),
    first_version INTEGER NOT NULL,
    last_version  INTEGER NOT NULL,
    fingerprint   BLOB    CHECK (LENGTH(fingerprint) = 32)
) STRICT;

INSERT INTO receipt SELECT * FROM earlier ORDER BY position;

DROP TABLE earlier;

-- Where the receipt of a key may be: the hash is the first eight bytes of an HMAC of principal and
-- key, under the log's receipt key.
CREATE TABLE receipt_hash (
    hash     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (hash, position)
) STRICT, WITHOUT ROWID;

-- The last position whose receipt is found so. Whoever opens the log to write in it reads the few
-- behind it.
CREATE TABLE receipt_filed (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL CHECK (position >= 0)
) STRICT;

INSERT INTO receipt_filed (one, position) VALUES (1, 0);
