-- The proof beside the log (design 5): every complete hash of the Merkle tree over the entries, each
-- at its place in one dense row (src/log/tree.rs), and every checkpoint that was signed. Both only
-- grow. Their hashes say nothing that a redaction would have to take away: entries stay.

CREATE TABLE tree (
    place INTEGER NOT NULL PRIMARY KEY CHECK (place >= 0),
    hash  BLOB    NOT NULL CHECK (LENGTH(hash) = 32)
) STRICT;

CREATE TRIGGER tree_is_kept BEFORE DELETE ON tree
BEGIN
    SELECT RAISE(ABORT, 'a hash of the tree is never deleted');
END;

CREATE TRIGGER tree_is_final BEFORE UPDATE ON tree
BEGIN
    SELECT RAISE(ABORT, 'a hash of the tree never changes');
END;

CREATE TRIGGER tree_only_grows BEFORE INSERT ON tree
WHEN NEW.place <> (SELECT COALESCE(MAX(place) + 1, 0) FROM tree)
BEGIN
    SELECT RAISE(ABORT, 'a hash of the tree follows the one before it');
END;

CREATE TABLE checkpoint (
    generation INTEGER NOT NULL CHECK (generation > 0),
    size       INTEGER NOT NULL CHECK (size >= 0),
    at         INTEGER NOT NULL,
    text       TEXT    NOT NULL,
    PRIMARY KEY (generation, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER checkpoint_is_kept BEFORE DELETE ON checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never deleted');
END;

CREATE TRIGGER checkpoint_is_final BEFORE UPDATE ON checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint never changes');
END;

CREATE TRIGGER checkpoint_is_the_newest BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint
             WHERE (generation, size) >= (NEW.generation, NEW.size))
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint follows the one before it');
END;

-- Deliberate restores. The first generation of a log has no row: it began with the log.
CREATE TABLE generation (
    number   INTEGER NOT NULL PRIMARY KEY CHECK (number > 1),
    position INTEGER NOT NULL CHECK (position >= 0),
    at       INTEGER NOT NULL,
    given_up TEXT    NOT NULL
) STRICT;

CREATE TRIGGER generation_is_kept BEFORE DELETE ON generation
BEGIN
    SELECT RAISE(ABORT, 'a restore is never forgotten');
END;

CREATE TRIGGER generation_is_final BEFORE UPDATE ON generation
BEGIN
    SELECT RAISE(ABORT, 'a restore never changes');
END;

CREATE TRIGGER generation_is_the_newest BEFORE INSERT ON generation
WHEN NEW.number <= (SELECT COALESCE(MAX(number), 1) FROM generation)
BEGIN
    SELECT RAISE(ABORT, 'a generation follows the one before it');
END;
