extension Migration {
    /// Secrets at rest, each sealed with the state's key for its own account and kind; and the mark by which a wrong key
    /// is told from a right one.
    static let tokens = Migration(
        2,
        """
        CREATE TABLE sealed_tokens (
            account TEXT NOT NULL,
            kind TEXT NOT NULL,
            sealed BLOB NOT NULL,
            updated_ms INTEGER NOT NULL,
            PRIMARY KEY (account, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sealing_mark (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            sealed BLOB NOT NULL
        ) STRICT;
        """)
}
