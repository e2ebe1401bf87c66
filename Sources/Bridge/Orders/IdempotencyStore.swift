internal import BrokerModel
internal import Clocks
internal import Storage

/// What a caller binds to a request so that it is carried out once.
struct IdempotencyKey: Sendable, Hashable {
    /// The API key's name: two callers' equal keys are different keys.
    var holder: String
    /// As given, unquoted.
    var key: String
    /// Method and path, the account included.
    var route: String
    /// SHA-256 of the body as it came, behind the query where that says what is to be done.
    var bodyHash: [UInt8]
}

/// The answer that was given first.
struct StoredAnswer: Sendable, Equatable {
    var status: Int
    var body: [UInt8]
}

/// The statements about idempotency keys.
enum IdempotencyStore {
    /// Keys kept at the most.
    static let bound: Int64 = 200_000
    /// How long a key is kept.
    static let life = Duration.seconds(48 * 3600)

    /// What is known of a key.
    enum Claim: Sendable, Equatable {
        /// New, and ours now.
        case claimed
        /// The first answer.
        case answered(StoredAnswer)
        /// Claimed and not yet answered: the order it is for.
        case unanswered(orderID: String?)
        /// The key was used for something else.
        case mismatch
        /// As many keys as may be are in use.
        case full
    }

    /// What is known of a key that was used; `nil` for a new one.
    static func find(_ key: IdempotencyKey, on connection: SQLConnection) throws(StorageError) -> Claim? {
        let rows = try connection.run(
            "SELECT route, body_hash, order_id, status, response FROM idempotency WHERE holder = ? AND key = ?",
            [.text(key.holder), .text(key.key)])
        guard let row = rows.first else { return nil }
        guard row.text(0) == key.route, row.blob(1) == key.bodyHash else { return .mismatch }
        if let status = row.integer(3), let body = row.blob(4) {
            return .answered(StoredAnswer(status: Int(clamping: status), body: body))
        }
        return .unanswered(orderID: row.text(2))
    }

    static func claim(
        _ key: IdempotencyKey, orderID: String?, now: WallTime, on connection: SQLConnection
    ) throws(StorageError) -> Claim {
        if let known = try find(key, on: connection) { return known }
        if try connection.run("SELECT COUNT(*) FROM idempotency").first?.integer(0) ?? 0 >= bound {
            try trim(now: now, on: connection)
            guard try connection.run("SELECT COUNT(*) FROM idempotency").first?.integer(0) ?? 0 < bound else {
                return .full
            }
        }
        try connection.run(
            "INSERT INTO idempotency (holder, key, route, body_hash, order_id, created_ms) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(key.holder), .text(key.key), .text(key.route), .blob(key.bodyHash), .text(orderID),
                .integer(now.milliseconds),
            ])
        return .claimed
    }

    static func answer(_ key: IdempotencyKey, _ answer: StoredAnswer, on connection: SQLConnection) throws(StorageError)
    {
        try connection.run(
            "UPDATE idempotency SET status = ?, response = ? WHERE holder = ? AND key = ?",
            [.integer(Int64(answer.status)), .blob(answer.body), .text(key.holder), .text(key.key)])
    }

    /// Nothing was sent: the key may be used again.
    static func free(_ key: IdempotencyKey, on connection: SQLConnection) throws(StorageError) {
        try connection.run(
            "DELETE FROM idempotency WHERE holder = ? AND key = ?", [.text(key.holder), .text(key.key)])
    }

    /// Drops keys past their life that were answered; one that was not is never forgotten.
    static func trim(now: WallTime, on connection: SQLConnection) throws(StorageError) {
        let end = now.milliseconds - life.millisecondsRoundedUp
        try connection.run("DELETE FROM idempotency WHERE created_ms < ? AND status IS NOT NULL", [.integer(end)])
    }
}
