internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
public import Storage

/// The keys in the state.
public enum KeyStore {
    /// Keys that may be in use at once.
    static let bound = 1000
    /// How long a revoked key is remembered, so that its streams are told to stay away.
    static let rememberedFor = Duration.seconds(30 * 86_400)

    /// What a new key is made of, and what came of it.
    enum Creation: Sendable, Equatable {
        case created
        case nameTaken
        case full
    }

    static func insert(_ stored: StoredKey, on connection: SQLConnection) throws(StorageError) -> Creation {
        let name = SQLValue.text(stored.key.name)
        let taken = try connection.run("SELECT 1 FROM api_keys WHERE name = ? AND revoked_ms IS NULL", [name])
        guard taken.isEmpty else { return .nameTaken }
        let count = try connection.run("SELECT COUNT(*) FROM api_keys WHERE revoked_ms IS NULL").first?.integer(0) ?? 0
        guard count < bound else { return .full }
        try connection.run(
            "INSERT INTO api_keys (id, name, hash, body, created_ms) VALUES (?, ?, ?, ?, ?)",
            [
                .text(stored.id), name, .blob(stored.key.hash.bytes), .text(stored.key.text),
                .integer(stored.createdAt.milliseconds),
            ])
        return .created
    }

    /// Keys in use, oldest first, and hashes of those revoked lately.
    static func all(on connection: SQLConnection) throws(StorageError) -> (keys: [StoredKey], revoked: [[UInt8]]) {
        var keys: [StoredKey] = []
        let rows = try connection.run(
            "SELECT id, hash, body, created_ms FROM api_keys WHERE revoked_ms IS NULL ORDER BY created_ms, id")
        for row in rows {
            // A key that cannot be read works for nobody, rather than for everything.
            guard let id = row.text(0), let hash = row.blob(1).flatMap({ KeyHash(bytes: $0) }), let body = row.text(2),
                let key = KeyConfiguration.read(body, hash: hash), let created = row.integer(3)
            else { continue }
            keys.append(StoredKey(id: id, key: key, createdAt: WallTime(milliseconds: created)))
        }
        let revoked = try connection.run(
            "SELECT hash FROM api_keys WHERE revoked_ms IS NOT NULL ORDER BY revoked_ms DESC LIMIT 10000")
        return (keys, revoked.compactMap { $0.blob(0) })
    }

    /// Whether there was such a key in use.
    static func revoke(_ id: String, now: WallTime, on connection: SQLConnection) throws(StorageError) -> Bool {
        try connection.run(
            "UPDATE api_keys SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL",
            [.integer(now.milliseconds), .text(id)])
        let isDone = connection.changes > 0
        try connection.run(
            "DELETE FROM api_keys WHERE revoked_ms < ?",
            [.integer(now.milliseconds - rememberedFor.millisecondsRoundedUp)])
        return isDone
    }

    static func newID() -> String { "key_" + Hex.encode(SecureRandom.bytes(8)) }
}

/// A key of the state, for the command line.
public struct KeySummary: Sendable {
    /// For `key revoke`.
    public let id: String
    /// One line for people: name, scopes, accounts, and what bounds it.
    public let text: String
}

extension Database {
    /// Keeps a new key; `false` if its name is taken or there are too many.
    @LoopActor
    public func create(_ key: KeyConfiguration) async throws(StorageError) -> String? {
        let stored = StoredKey(id: KeyStore.newID(), key: key, createdAt: .now())
        let outcome = try await write { connection throws(StorageError) in
            try KeyStore.insert(stored, on: connection)
        }
        return outcome == .created ? stored.id : nil
    }

    /// The keys in use.
    @LoopActor
    public func keys() async throws(StorageError) -> [KeySummary] {
        let all = try await read { connection throws(StorageError) in try KeyStore.all(on: connection) }
        return all.keys.map { stored in
            let accounts: String
            switch stored.key.accounts {
            case .all: accounts = "all accounts"
            case .only(let aliases): accounts = "accounts " + aliases.sorted().joined(separator: ",")
            }
            let expiry = stored.key.expires.map { ", until \($0.rfc3339)" } ?? ""
            let scopes = stored.key.scopes.map(\.rawValue).sorted().joined(separator: ",")
            return KeySummary(id: stored.id, text: "\(stored.key.name): \(scopes); \(accounts)\(expiry)")
        }
    }

    /// Revokes a key; `false` if there is none of that id.
    @LoopActor
    public func revokeKey(_ id: String) async throws(StorageError) -> Bool {
        try await write { connection throws(StorageError) in try KeyStore.revoke(id, now: .now(), on: connection) }
    }
}
