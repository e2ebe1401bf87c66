internal import Bridge
internal import EventLoops
internal import Glibc
internal import Storage

/// `brokerbridge key … --state DIR`: the keys of a state folder that no bridge uses now.
enum KeyStateCommands {
    /// The id of the key.
    static func create(_ options: Command.KeyOptions, key: APIKey, in state: String) throws(CommandFailure) -> String {
        var kept = KeyConfiguration(
            name: options.name, hash: KeyHash(of: key), scopes: Set(options.scopes),
            accounts: options.accounts.isEmpty ? .all : .only(Set(options.accounts)))
        kept.expires = options.expires
        let stored = kept
        // A key may be kept before the bridge runs for the first time; only reading must not make a folder.
        let id = try with(state, isToExist: false) { database throws(StorageError) in try await database.create(stored)
        }
        guard let id else {
            throw CommandFailure(.failure, "a key has the name '\(options.name)', or there are too many")
        }
        return id
    }

    static func list(in state: String) throws(CommandFailure) {
        let keys = try with(state) { database throws(StorageError) in try await database.keys() }
        for key in keys { ProcessSetUp.write("\(key.id)  \(key.text)\n", to: STDOUT_FILENO) }
    }

    static func revoke(_ id: String, in state: String) throws(CommandFailure) {
        guard try with(state, { database throws(StorageError) in try await database.revokeKey(id) }) else {
            throw CommandFailure(.failure, "there is no key '\(id)' in \(state)")
        }
        ProcessSetUp.write("revoked\n", to: STDOUT_FILENO)
    }

    /// Holds the state folder and its database while `body` runs on the loop.
    private static func with<Value: Sendable>(
        _ state: String, isToExist: Bool = true,
        _ body: @escaping @LoopActor @Sendable (Database) async throws(StorageError) -> Value
    ) throws(CommandFailure) -> Value {
        let folder = try StateDirectory(opening: state, isToExist: isToExist)
        defer { folder.release() }
        let outcome = Outcome<Value>()
        do throws(StorageError) {
            let database = try Database.open(path: "\(state)/bridge.sqlite")
            EventLoop.main.execute {
                spawn {
                    do throws(StorageError) { outcome.result = .success(try await body(database)) } catch {
                        outcome.result = .failure(error)
                    }
                    EventLoop.main.stop()
                }
            }
            EventLoop.main.run()
            database.close()
            guard let result = outcome.result else { throw .closed }
            return try result.get()
        } catch {
            throw CommandFailure(.failure, "\(state)/bridge.sqlite: \(error)")
        }
    }

    /// Written by the loop and read when it has ended, on one thread.
    private final class Outcome<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, StorageError>?
    }
}
