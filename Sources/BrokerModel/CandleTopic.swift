/// A security's running candle as a subscription.
public struct CandleTopic: Hashable, Sendable {
    /// The security.
    public var symbol: Symbol
    /// The length of a candle.
    public var interval: CandleInterval
    /// The sessions covered.
    public var sessions: SessionFilter

    /// One subscription.
    public init(symbol: Symbol, interval: CandleInterval, sessions: SessionFilter = .regular) {
        self.symbol = symbol
        self.interval = interval
        self.sessions = sessions
    }

    /// Reads `700.HK@1m`, and `AAPL.US@1m:all` for all sessions; `nil` for any other shape.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@"), let symbol = Symbol(String(text[..<at])) else { return nil }
        let parts = text[text.index(after: at)...].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let interval = parts.first.flatMap({ CandleInterval(rawValue: String($0)) }),
            let sessions = parts.count == 2 ? SessionFilter(rawValue: String(parts[1])) : .regular
        else { return nil }
        self.init(symbol: symbol, interval: interval, sessions: sessions)
    }

    /// As it is read.
    public var text: String { "\(symbol.text)@\(interval.rawValue)\(sessions == .all ? ":all" : "")" }
}
