internal import Glibc

/// Why an entry is not on the disk.
public enum AuditError: Error, Equatable, Sendable {
    /// The disk is full.
    case full
    /// The medium failed, or may not be written.
    case failing(String)
    /// Somebody removed or changed the file; the next entry goes to a new one.
    case replaced
    /// More entries wait than may.
    case overloaded
    /// The log is closed.
    case closed
    /// The key's file cannot be used; the text names it.
    case keyUnusable(String)
}

extension AuditError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .full: "the disk is full"
        case .failing(let reason): "the disk fails: \(reason)"
        case .replaced: "the file of the log was removed or changed"
        case .overloaded: "too many entries wait"
        case .closed: "the log is closed"
        case .keyUnusable(let reason): reason
        }
    }
}

/// A system call that failed.
struct DiskFailure: Error, Equatable {
    let code: Int32

    init(_ code: Int32) {
        self.code = code
    }

    var description: String { strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)" }

    var auditError: AuditError {
        code == ENOSPC || code == EDQUOT ? .full : .failing(description)
    }
}
