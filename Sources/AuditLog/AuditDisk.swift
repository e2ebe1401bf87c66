internal import CShims
internal import Glibc

/// The folder of the log, as the writer sees it; tests put one that fails in its place.
protocol AuditDisk: AnyObject {
    /// Begins the file of that number, which must not exist.
    func create(_ number: Int) throws(DiskFailure) -> any SegmentFile
    /// Makes the room kept back the file of that number.
    func adoptReserve(_ number: Int) throws(DiskFailure) -> any SegmentFile
    /// Keeps room back, if none is kept.
    func makeReserve(bytes: Int) throws(DiskFailure)
    var hasReserve: Bool { get }
    func remove(_ number: Int) throws(DiskFailure)
    /// Makes names durable.
    func syncFolder() throws(DiskFailure)
    /// Keeps count and head beside the log.
    func write(anchor: [UInt8]) throws(DiskFailure)
}

/// One file of the log while it is written.
protocol SegmentFile: AnyObject {
    /// Appends all of it.
    func write(_ bytes: [UInt8]) throws(DiskFailure)
    /// What was written has reached the medium.
    func sync() throws(DiskFailure)
    /// Whether its name still leads to it, and it is as long as what was written.
    func isIntact(bytes: Int) -> Bool
}

/// The folder on the file system: `0000000001.jsonl` and so on, and `reserve`.
final class AuditFolder: AuditDisk, Sendable {
    let path: String
    /// `STATE/audit.anchor`, outside the folder.
    let anchorPath: String

    /// Makes the folder if there is none.
    init(_ path: String, anchorPath: String) throws(DiskFailure) {
        self.path = path
        self.anchorPath = anchorPath
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw DiskFailure(errno) }
    }

    static func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".jsonl"
    }

    static func number(_ name: String) -> Int? {
        guard name.utf8.count == 16, name.hasSuffix(".jsonl"),
            name.utf8.prefix(10).allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return Int(name.prefix(10))
    }

    func path(of number: Int) -> String { "\(path)/\(AuditFolder.name(number))" }
    private var reservePath: String { "\(path)/reserve" }

    /// The numbers of the files there are, in order.
    func numbers() throws(DiskFailure) -> [Int] {
        guard let directory = opendir(path) else { throw DiskFailure(errno) }
        defer { closedir(directory) }
        var numbers: [Int] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = AuditFolder.number(name) { numbers.append(number) }
        }
        return numbers.sorted()
    }

    func create(_ number: Int) throws(DiskFailure) -> any SegmentFile {
        let path = path(of: number)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskFailure(errno) }
        return OpenSegment(descriptor, path)
    }

    var hasReserve: Bool { access(reservePath, F_OK) == 0 }

    func makeReserve(bytes: Int) throws(DiskFailure) {
        guard !hasReserve else { return }
        let descriptor = open(reservePath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskFailure(errno) }
        defer { close(descriptor) }
        guard bb_reserve(descriptor, Int64(bytes)) == 0, fsync(descriptor) == 0 else {
            let failure = DiskFailure(errno)
            unlink(reservePath)
            throw failure
        }
    }

    func adoptReserve(_ number: Int) throws(DiskFailure) -> any SegmentFile {
        let path = path(of: number)
        let descriptor = open(reservePath, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskFailure(errno) }
        guard rename(reservePath, path) == 0 else {
            let failure = DiskFailure(errno)
            close(descriptor)
            throw failure
        }
        return OpenSegment(descriptor, path)
    }

    func remove(_ number: Int) throws(DiskFailure) {
        guard unlink(path(of: number)) == 0 || errno == ENOENT else { throw DiskFailure(errno) }
    }

    /// Takes a file without a single entry out of the log, and leaves it in the folder.
    func setAside(_ number: Int) throws(DiskFailure) {
        guard rename(path(of: number), path(of: number) + ".torn") == 0 else { throw DiskFailure(errno) }
    }

    func syncFolder() throws(DiskFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskFailure(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskFailure(errno) }
    }

    func write(anchor: [UInt8]) throws(DiskFailure) {
        let temporary = anchorPath + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskFailure(errno) }
        let count = Glibc.write(descriptor, anchor, anchor.count)
        let code = errno
        close(descriptor)
        guard count == anchor.count else { throw DiskFailure(code) }
        guard rename(temporary, anchorPath) == 0 else { throw DiskFailure(errno) }
    }
}

/// A file of the log that this process appends to.
final class OpenSegment: SegmentFile {
    private let descriptor: Int32
    private let path: String

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    func write(_ bytes: [UInt8]) throws(DiskFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskFailure(errno)
            }
            guard count > 0 else { throw DiskFailure(ENOSPC) }
            rest = rest.dropFirst(count)
        }
    }

    func sync() throws(DiskFailure) {
        guard fdatasync(descriptor) == 0 else { throw DiskFailure(errno) }
    }

    func isIntact(bytes: Int) -> Bool {
        var own = stat()
        var named = stat()
        guard fstat(descriptor, &own) == 0, lstat(path, &named) == 0 else { return false }
        return own.st_ino == named.st_ino && own.st_dev == named.st_dev && own.st_size == bytes
    }
}

/// Reading files of the log.
enum SegmentReading {
    /// How long the file is.
    static func size(_ path: String) throws(DiskFailure) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw DiskFailure(errno) }
        return Int(status.st_size)
    }

    /// Up to `count` bytes from `offset` on; fewer at the end.
    static func read(_ path: String, from offset: Int, count: Int) throws(DiskFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw DiskFailure(errno) }
        defer { close(descriptor) }
        var failure: DiskFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled)
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = DiskFailure(errno)
                    return
                }
                if got == 0 { return }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
