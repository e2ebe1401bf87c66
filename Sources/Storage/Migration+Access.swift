extension Migration {
    /// API keys made while the program ran (of each only a hash), rules of risk, what counts
    /// against them, and what is halted. Each body is the JSON of the API.
    static let access = Migration(
        3,
        """
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE,
            body TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            revoked_ms INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_ms IS NULL;
        CREATE TABLE risk_rules (
            account TEXT PRIMARY KEY,
            body TEXT NOT NULL,
            updated_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE risk_counts (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            holder TEXT NOT NULL,
            market TEXT NOT NULL,
            is_order INTEGER NOT NULL,
            value TEXT,
            time_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX risk_counts_by_time ON risk_counts (time_ms);
        CREATE TABLE kill_switches (
            account TEXT PRIMARY KEY,
            reason TEXT,
            set_by TEXT NOT NULL,
            set_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """)
}
