/// How much a log line matters.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// For finding a fault; too much for every day.
    case debug
    /// What happens in normal service, the access log too.
    case info
    /// Something is wrong and is being dealt with.
    case warning
    /// Somebody has to act.
    case error

    /// From 0, the least severe.
    public var rank: UInt8 {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    /// Whether the left one matters less.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
