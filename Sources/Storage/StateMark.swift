internal import CShims
internal import Cryptography

/// How an older copy of the state, put back, is told from the newest.
///
/// The database counts its commits. The count stands a second time in a small file beside it, written after each commit,
/// and the database knows the file it was written in. So the database has gone back if its count is behind that of the
/// file beside it, if that file is of another epoch or missing, or if the database lies in another file than the one it
/// was last written in. A copy of all of it, put back into the same files (a snapshot of the whole machine), shows none of
/// that: it is recognised by what the broker knows.
public struct StateMark: Sendable, Equatable {
    /// Made anew each time the state has gone back. 16 hexadecimal digits.
    public internal(set) var epoch: String
    /// Of this bridge among others at the same account; a copy keeps it.
    public internal(set) var instance: UInt64
    /// Why the state counts as an older copy, until ``settle(on:)``; `nil` for one that goes on where it was.
    public internal(set) var returned: String?

    /// The state has been brought up to what the broker knows.
    public static func settle(on connection: SQLConnection) throws(StorageError) {
        try connection.run("UPDATE state_mark SET is_returned = 0")
    }

    /// The state turns out to be an older copy. Streams begin anew behind a jump of the journal, so that no position given
    /// before means anything; it stays an older copy until ``settle(on:)``.
    public static func renew(on connection: SQLConnection) throws(StorageError) {
        try connection.run("UPDATE state_mark SET epoch = ?, is_returned = 1", [.text(StateMark.newEpoch())])
        try connection.run("DELETE FROM journal")
        let jump = Int64(1) << 32 + Int64(StateMark.random() >> 24)
        try connection.run("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'journal'", [.integer(jump)])
        guard connection.changes == 0 else { return }
        try connection.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', ?)", [.integer(jump)])
    }

    /// Counts a commit, within it. `nil` for a database without a mark.
    static func count(on connection: SQLConnection) throws(StorageError) -> (epoch: String, commits: Int64)? {
        let row = try connection.run(
            "UPDATE state_mark SET commits = commits + 1 WHERE only = 1 RETURNING epoch, commits"
        ).first
        guard let epoch = row?.text(0), let commits = row?.integer(1) else { return nil }
        return (epoch, commits)
    }

    // MARK: Start

    /// Judges what is found at a start, and begins a new epoch if the state has gone back. One transaction.
    static func judge(
        _ connection: SQLConnection, path: String, position: StatePosition.Reading
    ) throws(StorageError) -> StateMark {
        try connection.run("BEGIN IMMEDIATE")
        do throws(StorageError) {
            let mark = try judged(connection, StateMark.identity(of: path), position)
            try connection.run("COMMIT")
            return mark
        } catch {
            _ = try? connection.run("ROLLBACK")
            throw error
        }
    }

    private static func judged(
        _ connection: SQLConnection, _ file: String, _ position: StatePosition.Reading
    ) throws(StorageError) -> StateMark {
        let rows = try connection.run("SELECT epoch, instance, commits, file, is_returned FROM state_mark")
        guard let row = rows.first, let epoch = row.text(0), let instance = row.integer(1),
            let commits = row.integer(2),
            let known = row.text(3), let wasReturned = row.integer(4)
        else {
            let mark = StateMark(epoch: newEpoch(), instance: random() & 0x7FFF, returned: nil)
            try connection.run(
                "INSERT INTO state_mark VALUES (1, ?, ?, 0, ?, 0)",
                [.text(mark.epoch), .integer(Int64(mark.instance)), .text(file)])
            return mark
        }
        var mark = StateMark(epoch: epoch, instance: UInt64(bitPattern: instance), returned: nil)
        let reason = reason(epoch, commits, isMoved: known != file, position)
        if reason != nil {
            try renew(on: connection)
            try connection.run("UPDATE state_mark SET file = ?", [.text(file)])
            mark.epoch = try connection.run("SELECT epoch FROM state_mark").first?.text(0) ?? epoch
        }
        mark.returned = reason ?? (wasReturned != 0 ? "it was an older copy when the last run began" : nil)
        return mark
    }

    private static func reason(
        _ epoch: String, _ commits: Int64, isMoved: Bool, _ position: StatePosition.Reading
    ) -> String? {
        switch position {
        case .missing: return "the file with its position is missing"
        case .unreadable: return "the file with its position cannot be read"
        case .position(let seen):
            if seen.epoch != epoch { return "the file with its position is of another epoch" }
            if seen.commits > commits { return "it was at commit \(seen.commits) before, and is at \(commits)" }
            return isMoved ? "it lies in another file than the one it was written in" : nil
        }
    }

    /// Which file it is: two names of one file have the same, a copy has another.
    private static func identity(of path: String) -> String {
        var inode: UInt64 = 0
        var seconds: Int64 = 0
        var nanoseconds: UInt32 = 0
        guard bb_file_identity(path, &inode, &seconds, &nanoseconds) == 0 else { return "unknown" }
        return "\(inode):\(seconds).\(nanoseconds)"
    }

    private static func newEpoch() -> String {
        let digits = String(random(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func random() -> UInt64 {
        SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
