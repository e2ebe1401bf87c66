/// A limiter's answer. A refusal is an answer, not an error: it has used nothing up.
public enum Verdict: Hashable, Sendable {
    /// The call may go; it has been counted.
    case admitted
    /// The call may not go. Asked again after this long, always more than zero, it is admitted unless others came first.
    case refused(retryAfter: Duration)

    /// Whether the call may go.
    public var isAdmitted: Bool { self == .admitted }
}
