internal import Clocks
public import Cryptography
public import EventLoops

/// What an account keeps that nobody may read: tokens, client registrations.
public enum SealedKind: String, Sendable, CaseIterable {
    /// The token pair in use.
    case tokens
    /// The client registered at the authorization server.
    case client
    /// The broker's door that was found last.
    case region
    /// How often in a row the credential was refused.
    case refusals
}

/// Why a kept secret is not to be had, or could not be kept.
public enum SealedStoreError: Error, Equatable, Sendable {
    /// The database's failure.
    case storage(StorageError)
    /// The piece does not open: it was sealed with another key, or it is damaged.
    case unopenable
}

extension SealedStoreError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .storage(let error): error.description
        case .unopenable: "it does not open with the state's key"
        }
    }
}

/// A place for secrets that outlives the process.
@LoopActor
public protocol SecretKeeping: AnyObject, Sendable {
    /// What is kept; `nil` for nothing.
    func read(_ kind: SealedKind, of account: String) async throws(SealedStoreError) -> [UInt8]?
    /// Takes the place of what was kept. Returns when it is on the disk.
    func write(_ bytes: [UInt8], _ kind: SealedKind, of account: String) async throws(SealedStoreError)
    /// Forgets. Returns when that is on the disk.
    func remove(_ kind: SealedKind, of account: String) async throws(SealedStoreError)
}

/// Secrets in the database, sealed.
@LoopActor
public final class SealedStore: SecretKeeping {
    private let database: Database
    private let key: SealingKey

    /// Whether a key is the one of a database.
    public enum KeyCheck: Equatable, Sendable {
        /// It is, or nothing was ever sealed and from now on it is.
        case right
        /// The database was sealed with another one. Nothing was changed.
        case wrong
    }

    /// A store that trusts its key; see ``check(_:of:)``.
    public init(_ database: Database, key: SealingKey) {
        self.database = database
        self.key = key
    }

    private nonisolated static let mark = Array("brokerbridge sealing mark".utf8)

    /// Compares a key with the database's mark, and leaves a mark where there is none.
    public static func check(_ key: SealingKey, of database: Database) async throws(StorageError) -> KeyCheck {
        try await database.write { connection throws(StorageError) in
            let rows = try connection.run("SELECT sealed FROM sealing_mark")
            guard let sealed = rows.first?.blob(0) else {
                let fresh = key.seal(mark, context: mark)
                try connection.run("INSERT INTO sealing_mark (only, sealed) VALUES (1, ?)", [.blob(fresh)])
                return .right
            }
            return (try? key.open(sealed, context: mark)) == mark ? .right : .wrong
        }
    }

    /// Whether anything was ever sealed in a database: then a fresh key is the wrong one.
    public static func isMarked(_ database: Database) async throws(StorageError) -> Bool {
        try await database.read { connection throws(StorageError) in
            try !connection.run("SELECT 1 FROM sealing_mark").isEmpty
        }
    }

    private static func context(_ kind: SealedKind, _ account: String) -> [UInt8] {
        Array("brokerbridge/\(kind.rawValue)/\(account)".utf8)
    }

    /// What is kept; `nil` for nothing.
    public func read(_ kind: SealedKind, of account: String) async throws(SealedStoreError) -> [UInt8]? {
        let sealed: [UInt8]?
        do throws(StorageError) {
            sealed = try await database.read { connection throws(StorageError) in
                try connection.run(
                    "SELECT sealed FROM sealed_tokens WHERE account = ? AND kind = ?",
                    [.text(account), .text(kind.rawValue)]
                ).first?.blob(0)
            }
        } catch { throw .storage(error) }
        guard let sealed else { return nil }
        guard let bytes = try? key.open(sealed, context: SealedStore.context(kind, account)) else { throw .unopenable }
        return bytes
    }

    /// Takes the place of what was kept. Returns when it is on the disk.
    public func write(_ bytes: [UInt8], _ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        let sealed = key.seal(bytes, context: SealedStore.context(kind, account))
        let now = WallTime.now().milliseconds
        do throws(StorageError) {
            try await database.write { connection throws(StorageError) in
                try connection.run(
                    """
                    INSERT INTO sealed_tokens (account, kind, sealed, updated_ms) VALUES (?, ?, ?, ?)
                    ON CONFLICT (account, kind) DO UPDATE SET sealed = excluded.sealed, updated_ms = excluded.updated_ms
                    """, [.text(account), .text(kind.rawValue), .blob(sealed), .integer(now)])
            }
        } catch { throw .storage(error) }
    }

    /// Forgets. Returns when that is on the disk.
    public func remove(_ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        do throws(StorageError) {
            try await database.write { connection throws(StorageError) in
                try connection.run(
                    "DELETE FROM sealed_tokens WHERE account = ? AND kind = ?", [.text(account), .text(kind.rawValue)])
            }
        } catch { throw .storage(error) }
    }
}
