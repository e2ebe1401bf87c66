/// Endpoints that share a limit.
public enum EndpointClass: String, Sendable, Hashable, CaseIterable {
    /// Market data.
    case market
    /// Accounts, holdings, lists of orders; everything that is no other class.
    case account
    /// What changes something at a broker, but cancellations.
    case trade
    /// Cancellations: nothing else uses their limit up.
    case cancel
    /// Keys, the audit log, logins.
    case admin
}

/// So many calls in so long: `100/s`, `6000/m`, `5000/h`. All of them may come at once.
public struct RequestRate: Sendable, Hashable, CustomStringConvertible {
    /// Calls in the window.
    public let count: Int
    /// In seconds: 1, 60 or 3600.
    public let window: Int

    /// A rate; nothing is checked.
    init(_ count: Int, per window: Int) {
        self.count = count
        self.window = window
    }

    /// `nil` for any other spelling, and for a count outside 1 to 1 000 000.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let window = RequestRate.units.first(where: { $0.name == parts[1] })?.seconds,
            (1...7).contains(parts[0].utf8.count), parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let count = Int(parts[0]), (1...1_000_000).contains(count)
        else { return nil }
        self.count = count
        self.window = window
    }

    private static let units: [(name: String, seconds: Int)] = [("s", 1), ("m", 60), ("h", 3600)]

    /// As it is written.
    public var description: String {
        "\(count)/\(RequestRate.units.first { $0.seconds == window }?.name ?? "\(window)s")"
    }
}
