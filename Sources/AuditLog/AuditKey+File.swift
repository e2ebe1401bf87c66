internal import Bytes
internal import CShims
internal import Cryptography
internal import Glibc

extension AuditKey {
    /// Reads the key's file: 64 hexadecimal digits and perhaps a line feed. Only its owner may be able to read it.
    ///
    /// - Throws: `.keyUnusable`, which names the path.
    public static func read(_ path: String) throws(AuditError) -> AuditKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .keyUnusable("cannot read \(path): \(DiskFailure(errno).description)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .keyUnusable("\(path) is not a file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .keyUnusable("other users can reach \(path), the key of the audit log: chmod 600 \(path)")
        }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        let text = buffer.prefix(max(0, count)).filter { $0 != 0x0A && $0 != 0x0D }
        guard let bytes = Hex.decode(String(decoding: text, as: UTF8.self)), let key = AuditKey(bytes: bytes) else {
            throw .keyUnusable("\(path) does not hold 64 hexadecimal digits")
        }
        return key
    }

    /// Reads the key, or makes one where there is none: `mayMake` says whether that is right.
    public static func readOrMake(_ path: String, mayMake: Bool) throws(AuditError) -> AuditKey {
        guard access(path, F_OK) != 0, errno == ENOENT else { return try read(path) }
        guard mayMake else {
            throw .keyUnusable("\(path), the key of the audit log, is missing although there are entries")
        }
        let text = Hex.encode(SecureRandom.bytes(32)) + "\n"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .keyUnusable("cannot make \(path): \(DiskFailure(errno).description)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            let failure = DiskFailure(errno)
            unlink(path)
            throw .keyUnusable("cannot write \(path): \(failure.description)")
        }
        return try read(path)
    }
}
