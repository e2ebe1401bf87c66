/// Why the database did not do what was asked. The texts hold no values of rows.
public enum StorageError: Error, Equatable, Sendable {
    /// The disk is full or a quota is reached. Nothing of the transaction is kept.
    case full
    /// The medium failed, or the file may not be written. Nothing of the transaction is known to be kept.
    case failing(String)
    /// The file is no database of ours, is damaged, or is of a newer version. Nothing was changed.
    case unusable(String)
    /// More jobs wait than may.
    case overloaded
    /// The database is closed.
    case closed
    /// A statement is wrong or a constraint does not hold: our own mistake, or a conflict the caller asked about.
    case refused(String)
}

extension StorageError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .full: "the disk is full"
        case .failing(let reason): "the disk fails: \(reason)"
        case .unusable(let reason): "the database cannot be used: \(reason)"
        case .overloaded: "too many writes wait"
        case .closed: "the database is closed"
        case .refused(let reason): "the database refused: \(reason)"
        }
    }
}
