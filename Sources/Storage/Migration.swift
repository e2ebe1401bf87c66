/// One step of the database's form. Steps are never changed once released; a new one is added.
public struct Migration: Sendable {
    /// From 1 on, without holes.
    public let version: Int64
    /// Statements, run in one transaction with all other steps that are due.
    public let sql: String

    /// One step.
    public init(_ version: Int64, _ sql: String) {
        self.version = version
        self.sql = sql
    }
}

extension Migration {
    /// Every step. A subject's tables stand in a file of their own.
    public static let all: [Migration] = [orders, tokens, access, limits, mark, attachedOrders]

    /// Orders, their timelines, executions, idempotency keys and the journal of private events. Each body is the JSON of
    /// the API; the columns beside it are what is searched by.
    static let orders = Migration(
        1,
        """
        CREATE TABLE orders (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            version INTEGER NOT NULL,
            broker_order_id TEXT,
            client_order_id TEXT,
            symbol TEXT NOT NULL,
            is_final INTEGER NOT NULL,
            created_ms INTEGER NOT NULL,
            updated_ms INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX orders_by_broker ON orders (account, broker_order_id) WHERE broker_order_id IS NOT NULL;
        CREATE INDEX orders_by_client ON orders (account, client_order_id) WHERE client_order_id IS NOT NULL;
        CREATE INDEX orders_open ON orders (account) WHERE is_final = 0;
        CREATE INDEX orders_by_time ON orders (account, created_ms, id);
        CREATE TABLE order_timeline (
            order_id TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (order_id, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE executions (
            account TEXT NOT NULL,
            id TEXT NOT NULL,
            broker_order_id TEXT NOT NULL,
            symbol TEXT NOT NULL,
            time_ms INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (account, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX executions_by_time ON executions (account, time_ms, id);
        CREATE INDEX executions_by_order ON executions (account, broker_order_id);
        CREATE TABLE idempotency (
            holder TEXT NOT NULL,
            key TEXT NOT NULL,
            route TEXT NOT NULL,
            body_hash BLOB NOT NULL,
            order_id TEXT,
            status INTEGER,
            response BLOB,
            created_ms INTEGER NOT NULL,
            PRIMARY KEY (holder, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_by_time ON idempotency (created_ms);
        CREATE TABLE journal (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL,
            topic TEXT NOT NULL,
            event TEXT NOT NULL,
            time_ms INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX journal_by_account ON journal (account, number);
        CREATE INDEX journal_by_time ON journal (time_ms);
        """)
}
