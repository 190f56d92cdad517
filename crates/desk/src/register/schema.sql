-- The register, version 1. Amounts are in cents, dates are YYYY-MM-DD.

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE banks (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- D08: whether it wants to see the child whose card it activates.
    child_must_be_present INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE holders (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mobile TEXT NOT NULL,
    photo TEXT NOT NULL DEFAULT '',
    guardian TEXT NOT NULL DEFAULT '',
    is_child INTEGER NOT NULL,
    bank TEXT NOT NULL REFERENCES banks (code),
    -- Why the social security function was cancelled; `bank:CODE` for another bank.
    cancelled TEXT NOT NULL DEFAULT '',
    query_hash TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    opens TEXT NOT NULL,
    closes TEXT NOT NULL,
    CHECK (opens <= closes)
) STRICT;

CREATE TABLE cards (
    id INTEGER PRIMARY KEY,
    holder INTEGER NOT NULL REFERENCES holders (id),
    number TEXT NOT NULL UNIQUE,
    -- T10…T13 of the historical bytes: what a blocked card still says.
    serial BLOB NOT NULL UNIQUE,
    pan TEXT NOT NULL DEFAULT '',
    bank TEXT NOT NULL DEFAULT '',
    batch INTEGER REFERENCES batches (id),
    delivered_to TEXT NOT NULL DEFAULT '',
    standing TEXT NOT NULL CHECK (standing IN ('delivered', 'held', 'invalid', 'recycled')),
    social TEXT NOT NULL CHECK (social IN ('inactive', 'active', 'ended')),
    financial TEXT NOT NULL CHECK (financial IN ('inactive', 'active', 'ended')),
    medical_cents INTEGER NOT NULL CHECK (medical_cents >= 0),
    -- What the chip's medical purse holds.
    purse_cents INTEGER NOT NULL DEFAULT 0,
    -- The card that this one follows, until its balance has moved.
    follows INTEGER REFERENCES cards (id),
    -- Invalid here, but its chip has not been at a desk since.
    block_due INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cards_by_holder ON cards (holder);

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    holder INTEGER NOT NULL REFERENCES holders (id),
    bank TEXT NOT NULL REFERENCES banks (code),
    state TEXT NOT NULL CHECK (state IN ('dormant', 'active', 'closed')),
    balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0),
    paid_out_cents INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX accounts_by_holder ON accounts (holder);

-- Every movement of medical money into and out of cards.
CREATE TABLE medical_entries (
    id INTEGER PRIMARY KEY,
    date TEXT NOT NULL,
    holder INTEGER NOT NULL REFERENCES holders (id),
    kind TEXT NOT NULL CHECK (kind IN ('credited', 'paid-out')),
    cents INTEGER NOT NULL CHECK (cents > 0)
) STRICT;

-- The journal: nothing in it is changed or removed.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    date TEXT NOT NULL,
    holder INTEGER REFERENCES holders (id),
    card INTEGER REFERENCES cards (id),
    place TEXT NOT NULL,
    papers TEXT NOT NULL,
    what TEXT NOT NULL,
    rules TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_holder ON events (holder);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
-- INSERT OR REPLACE removes without asking the trigger below.
CREATE TRIGGER events_are_new BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;

-- Messages to mobile numbers. A sealed body is shown once, then wiped.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    date TEXT NOT NULL,
    holder INTEGER NOT NULL REFERENCES holders (id),
    mobile TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB
) STRICT;

-- What has begun at a card and is not written down yet.
CREATE TABLE operations (
    id INTEGER PRIMARY KEY,
    date TEXT NOT NULL,
    holder INTEGER NOT NULL REFERENCES holders (id),
    card INTEGER NOT NULL REFERENCES cards (id),
    old_card INTEGER REFERENCES cards (id),
    place TEXT NOT NULL,
    papers TEXT NOT NULL,
    -- The plan and its values as JSON; never a password.
    plan TEXT NOT NULL
) STRICT;
CREATE INDEX operations_by_holder ON operations (holder);
