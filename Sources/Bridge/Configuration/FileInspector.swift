internal import Glibc

/// Reads the files a configuration names, and refuses those that other users of the machine can read.
struct FileInspector: Sendable {
    /// Why a file is not used; safe to show, it names the path only.
    struct Refusal: Error, Equatable {
        let message: String
    }

    /// Why a file that only its owner may read cannot be read; `nil` when it can.
    func problemReadingSecret(_ path: String) -> String? {
        problem { () throws(Refusal) in try open(path, isSecret: true) { _, _ in } }
    }

    /// The whole file.
    ///
    /// - Parameters:
    ///   - limit: in bytes; a larger file is refused.
    ///   - isSecret: refuse a file that its group or others can read, or that belongs to a third user.
    func read(_ path: String, limit: Int, isSecret: Bool) throws(Refusal) -> [UInt8] {
        var result: Result<[UInt8], Refusal> = .success([])
        try open(path, isSecret: isSecret) { descriptor, _ in
            result = Self.readAll(descriptor, path: path, limit: limit)
        }
        return try result.get()
    }

    /// Whether the group or others can read the file, as the rights to show (`0644`); `nil` when they cannot.
    func rightsIfShared(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
        return Self.octal(status.st_mode)
    }

    private func problem(_ body: () throws(Refusal) -> Void) -> String? {
        do throws(Refusal) {
            try body()
            return nil
        } catch {
            return error.message
        }
    }

    /// Judges the opened file, not its name, so that it cannot be exchanged in between.
    private func open(_ path: String, isSecret: Bool, _ body: (Int32, stat) -> Void) throws(Refusal) {
        // Non-blocking, or opening a pipe would wait for its writer.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Refusal(message: "cannot read \(path): \(Self.reason(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Refusal(message: "cannot read \(path): \(Self.reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Refusal(message: "\(path) is not a file") }
        if isSecret {
            guard status.st_mode & 0o077 == 0 else {
                let rights = Self.octal(status.st_mode)
                throw Refusal(
                    message: "\(path) holds a secret and other users can reach it (mode \(rights)): chmod 600 \(path)")
            }
            guard status.st_uid == geteuid() || status.st_uid == 0 else {
                throw Refusal(message: "\(path) holds a secret and belongs to another user (uid \(status.st_uid))")
            }
        }
        body(descriptor, status)
    }

    private static func readAll(_ descriptor: Int32, path: String, limit: Int) -> Result<[UInt8], Refusal> {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return .success(bytes) }
            guard count > 0 else {
                if errno == EINTR { continue }
                return .failure(Refusal(message: "cannot read \(path): \(reason(errno))"))
            }
            bytes.append(contentsOf: chunk.prefix(count))
            guard bytes.count <= limit else {
                return .failure(Refusal(message: "\(path) is larger than \(limit) bytes"))
            }
        }
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    }
}
