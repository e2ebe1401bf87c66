/// Something to do with the database. It is answered once: by its outcome, or by a refusal.
struct DatabaseJob: Sendable {
    /// What came of it; delivered after the commit, on the loop.
    struct Outcome: Sendable {
        /// Its own failure; what it changed is taken back.
        var failure: StorageError?
        /// Told of the commit's failure, or of none.
        var deliver: @Sendable (StorageError?) -> Void
    }

    var isWrite: Bool
    var run: @Sendable (SQLConnection) -> Outcome
    /// Told instead, when it was never run.
    var refuse: @Sendable (StorageError) -> Void
}
