internal import Glibc

/// The small file beside the database that says how far it had come: an epoch and a count of commits.
///
/// It is written after each commit and not synced: behind the database after a loss of power, and never ahead of it, unless
/// the database has gone back. Failing to write it harms nothing now; used by the database's thread only.
final class StatePosition {
    /// What a file says.
    struct Position: Equatable, Sendable {
        var epoch: String
        var commits: Int64

        /// `0123456789abcdef 42`, padded to a fixed length.
        var text: String {
            let text = "\(epoch) \(commits)"
            return text + String(repeating: " ", count: max(0, StatePosition.length - 1 - text.utf8.count)) + "\n"
        }

        init(epoch: String, commits: Int64) {
            self.epoch = epoch
            self.commits = commits
        }

        /// `nil` for any other shape.
        init?(_ text: String) {
            let parts = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
            guard parts.count == 2, parts[0].utf8.count == 16, let commits = Int64(parts[1]), commits >= 0 else {
                return nil
            }
            self.init(epoch: String(parts[0]), commits: commits)
        }
    }

    /// What was found.
    enum Reading: Equatable, Sendable {
        case missing
        case unreadable
        case position(Position)
    }

    static let length = 48

    private let path: String
    /// Owned; closed in deinit. Negative until the file could be opened.
    private var descriptor: Int32 = -1

    init(path: String) {
        self.path = path
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func read() -> Reading {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return errno == ENOENT ? .missing : .unreadable }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let position = Position(String(decoding: bytes.prefix(count), as: UTF8.self)) else {
            return .unreadable
        }
        return .position(position)
    }

    /// Says how far it has come now.
    ///
    /// - Parameter mustSync: at the start of an epoch, and at the end.
    func write(_ position: Position, mustSync: Bool = false) {
        if descriptor < 0 { descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard descriptor >= 0 else { return }
        let bytes = Array(position.text.utf8)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
        if mustSync { fdatasync(descriptor) }
    }
}
