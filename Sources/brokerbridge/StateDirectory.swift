internal import Glibc

/// The folder of everything that is kept, held by one process for as long as it runs.
struct StateDirectory {
    let path: String
    /// Keeps the lock; closed by the end of the process, however it ends.
    private let lock: Int32

    /// Creates the folder if it is missing, judges its owner and rights, and locks it.
    ///
    /// - Parameter isToExist: refuse a folder that is missing instead of creating it.
    /// - Throws: `cannotCreate` with the path for a folder that cannot be used, `temporary` with the process id for one
    ///   that another process holds.
    init(opening path: String, isToExist: Bool = false) throws(CommandFailure) {
        self.path = path
        if !isToExist, mkdir(path, 0o700) != 0, errno != EEXIST {
            throw CommandFailure(.cannotCreate, "cannot create the state folder \(path): \(Self.reason(errno))")
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            throw CommandFailure(.cannotCreate, "cannot open the state folder \(path): \(Self.reason(errno))")
        }
        defer { close(folder) }
        try Self.judge(folder, path)
        // O_NOFOLLOW: a link planted here must not let us write elsewhere.
        let lock = openat(folder, Self.lockName, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw CommandFailure(.cannotCreate, "cannot write in the state folder \(path): \(Self.reason(errno))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.readPID(lock)
            close(lock)
            guard code == EWOULDBLOCK else {
                throw CommandFailure(.cannotCreate, "cannot lock the state folder \(path): \(Self.reason(code))")
            }
            throw CommandFailure(.temporary, "the state folder \(path) is in use by process \(holder ?? "unknown")")
        }
        let pid = Array("\(getpid())\n".utf8)
        guard ftruncate(lock, 0) == 0, pwrite(lock, pid, pid.count, 0) == pid.count else {
            let code = errno
            close(lock)
            throw CommandFailure(.cannotCreate, "cannot write in the state folder \(path): \(Self.reason(code))")
        }
        self.lock = lock
    }

    /// Lets the folder go, when the process lives on; a server keeps it to its end.
    func release() {
        close(lock)
    }

    static let lockName = "lock"

    private static func judge(_ folder: Int32, _ path: String) throws(CommandFailure) {
        var status = stat()
        guard fstat(folder, &status) == 0 else {
            throw CommandFailure(.cannotCreate, "cannot read the state folder \(path): \(reason(errno))")
        }
        guard status.st_uid == geteuid() else {
            throw CommandFailure(
                .cannotCreate,
                "the state folder \(path) belongs to uid \(status.st_uid), the server runs as \(geteuid())")
        }
        guard status.st_mode & 0o077 == 0 else {
            let rights = String(status.st_mode & 0o777, radix: 8)
            throw CommandFailure(
                .cannotCreate, "other users can reach the state folder \(path) (mode \(rights)): chmod 700 \(path)")
        }
        guard faccessat(folder, ".", W_OK | X_OK, 0) == 0 else {
            throw CommandFailure(.cannotCreate, "cannot write in the state folder \(path): \(reason(errno))")
        }
    }

    private static func readPID(_ lock: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(lock, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }

    static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    }
}
