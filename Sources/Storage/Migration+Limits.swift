extension Migration {
    /// What was asked for of past candles: which securities count against a month's quota, and the candles themselves, so
    /// that none is paid for twice.
    static let limits = Migration(
        4,
        """
        CREATE TABLE history_symbols (
            account TEXT NOT NULL,
            month TEXT NOT NULL,
            symbol TEXT NOT NULL,
            first_ms INTEGER NOT NULL,
            PRIMARY KEY (account, month, symbol)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE candle_series (
            id INTEGER PRIMARY KEY,
            account TEXT NOT NULL,
            symbol TEXT NOT NULL,
            interval TEXT NOT NULL,
            sessions TEXT NOT NULL,
            rows INTEGER NOT NULL,
            used_ms INTEGER NOT NULL,
            UNIQUE (account, symbol, interval, sessions)
        ) STRICT;
        CREATE INDEX candle_series_by_use ON candle_series (used_ms);
        CREATE TABLE candle_spans (
            series INTEGER NOT NULL REFERENCES candle_series (id),
            first_ms INTEGER NOT NULL,
            end_ms INTEGER NOT NULL,
            PRIMARY KEY (series, first_ms)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE candles (
            series INTEGER NOT NULL REFERENCES candle_series (id),
            start_ms INTEGER NOT NULL,
            open TEXT,
            high TEXT,
            low TEXT,
            close TEXT,
            volume TEXT,
            turnover TEXT,
            session TEXT,
            PRIMARY KEY (series, start_ms)
        ) STRICT, WITHOUT ROWID;
        """)
}
