internal import Bridge
internal import Bytes
internal import Cryptography
internal import EventLoops
internal import Glibc
internal import Storage

/// The key that seals kept tokens: configured, or made at the first start and kept beside what it seals.
@LoopActor
enum StateKeyFile {
    static let name = "state-key"

    /// A store that opens what is kept, or the reason why nothing is started. What is kept is never changed by a wrong key.
    static func open(
        _ configuration: StateConfiguration, in state: String, _ database: Database
    ) async throws(CommandFailure) -> SealedStore {
        let isMarked: Bool
        do throws(StorageError) { isMarked = try await SealedStore.isMarked(database) } catch {
            throw CommandFailure(.unavailable, "the state cannot be read: \(error)")
        }
        var found = configuration.key
        if found == nil { found = try read(in: state, makesNew: !isMarked) }
        guard let key = found else {
            throw CommandFailure(
                .configuration,
                "the kept tokens were sealed with a key that is missing: \(state)/\(name). Put it back, or say where it is "
                    + "with state.key_file; nothing was changed")
        }
        let check: SealedStore.KeyCheck
        do throws(StorageError) { check = try await SealedStore.check(key, of: database) } catch {
            throw CommandFailure(.unavailable, "the state cannot be written: \(error)")
        }
        guard check == .right else {
            throw CommandFailure(
                .configuration,
                "the kept tokens were sealed with another key than that of \(configuration.keySource); nothing was changed"
            )
        }
        return SealedStore(database, key: key)
    }

    /// The key in the folder; made if there is none and there may be a new one.
    private static func read(in state: String, makesNew: Bool) throws(CommandFailure) -> SealingKey? {
        let path = "\(state)/\(name)"
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 {
            guard errno == ENOENT else { throw refusal(path, errno) }
            return makesNew ? try make(path, in: state) : nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw refusal(path, errno) }
        guard status.st_mode & 0o077 == 0 else {
            throw CommandFailure(.cannotCreate, "other users can reach \(path): chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw refusal(path, errno) }
        let text = bytes.prefix(count).filter { $0 != 0x0a && $0 != 0x0d }
        guard let key = StateConfiguration.key(Secret(Array(text))) else {
            throw CommandFailure(.cannotCreate, "\(path) holds no key; nothing was changed")
        }
        return key
    }

    /// On the disk, with its name, before anything is sealed with it.
    private static func make(_ path: String, in state: String) throws(CommandFailure) -> SealingKey? {
        let bytes = SecureRandom.bytes(SealingKey.size)
        let text = Array((Hex.encode(bytes) + "\n").utf8)
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refusal(path, errno) }
        defer { close(descriptor) }
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
            let code = errno
            unlink(path)
            throw refusal(path, code)
        }
        let folder = Glibc.open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        return SealingKey(bytes)
    }

    private static func refusal(_ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(.cannotCreate, "cannot use \(path): \(StateDirectory.reason(code))")
    }
}
