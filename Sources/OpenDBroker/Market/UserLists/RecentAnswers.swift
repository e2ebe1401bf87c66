internal import Clocks

/// Answers of the gateway that are kept for a moment, since its limits on lists are few calls in half a minute and one
/// request of ours may need the same list several times.
///
/// What was asked for before a limit cut the reading off is kept longer: the next attempt goes on from there, and lists
/// longer than the limit can be read at all.
struct RecentAnswers<Key: Hashable, Value> {
    /// How long an answer counts as fresh; what the user changes in the broker's own application is seen after it.
    static var freshness: Duration { .seconds(10) }
    /// How long it counts after a limit cut a reading off: longer than the limit's window.
    static var patience: Duration { .seconds(60) }

    private var entries: [Key: (value: Value, at: Instant)] = [:]
    private var isCutOff = false
    /// Grows with everything that is forgotten. An answer that was asked for before may be older than what was written
    /// since, and is not kept.
    private(set) var changes = 0

    /// The answer, if it is young enough.
    func value(_ key: Key, at now: Instant) -> Value? {
        guard let entry = entries[key] else { return nil }
        return now - entry.at < (isCutOff ? Self.patience : Self.freshness) ? entry.value : nil
    }

    /// - Parameter changes: ``changes`` as it was when the answer was asked for.
    mutating func keep(_ value: Value, for key: Key, at now: Instant, since changes: Int) {
        if changes == self.changes { entries[key] = (value, now) }
    }

    mutating func forget(_ key: Key) {
        entries[key] = nil
        changes += 1
    }

    /// All of a list was read: only its keys are kept.
    mutating func completed(_ keys: some Sequence<Key>) {
        let keys = Set(keys)
        entries = entries.filter { keys.contains($0.key) }
        isCutOff = false
    }

    /// A limit ended the reading.
    mutating func cutOff() { isCutOff = true }
}
