extension Migration {
    /// By what an older copy of the state is told from the newest; see ``StateMark``.
    static let mark = Migration(
        5,
        """
        CREATE TABLE state_mark (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch TEXT NOT NULL,
            instance INTEGER NOT NULL,
            commits INTEGER NOT NULL,
            file TEXT NOT NULL,
            is_returned INTEGER NOT NULL
        ) STRICT;
        """)
}
