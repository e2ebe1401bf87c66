internal import Clocks
internal import Limits

/// Everything of the trading side that lives as long as the broker.
struct TradingDesk {
    var engine: MatchingEngine
    var mangler: PushMangler
    var rate = SlidingWindow(limit: 30, window: .seconds(30), minimumGap: .milliseconds(20))
    /// First answers by `client_request_id`, and when they are forgotten.
    private var repeats: [String: (order: Int64, until: WallTime)] = [:]

    static let account = "LB00000001"
    /// How long the first answer to a `client_request_id` is remembered.
    /// - Source: the vendor's SDK, "about 10 minutes".
    static let memory = Duration.seconds(600)

    init(seed: UInt64, now: WallTime) {
        engine = MatchingEngine(opened: now + .seconds(-86_400 * SimulatedPast.days))
        engine.confirmation = TradingFaults().confirmation
        mangler = PushMangler(seed: seed)
        SimulatedPast.fill(&engine, now: now)
    }

    /// The order that was placed under an identifier of the client's within the last ten minutes.
    func placed(under identifier: String, at now: WallTime) -> Int64? {
        guard let first = repeats[identifier], now < first.until else { return nil }
        return first.order
    }

    mutating func remember(_ order: Int64, under identifier: String, at now: WallTime) {
        if repeats.count > 20_000 { repeats = repeats.filter { $0.value.until > now } }
        repeats[identifier] = (order, now + TradingDesk.memory)
    }
}

/// A query's values; a name may repeat.
struct TradeQuery {
    private let items: [(name: String, value: String)]

    init(_ items: [(name: String, value: String)]) { self.items = items }

    subscript(_ name: String) -> String? { items.first { $0.name == name && !$0.value.isEmpty }?.value }
    func all(_ name: String) -> [String] { items.filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }

    /// A whole number within a range; what is none, or beyond it, is refused.
    func number(_ name: String, _ range: ClosedRange<Int64>) throws(TradeRefusal) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let value = Int64(text), range.contains(value) else { throw .invalid("invalid \(name)") }
        return value
    }

    /// Unix seconds of a year a broker may have been asked about.
    func seconds(_ name: String) throws(TradeRefusal) -> Int64? { try number(name, 0...9_999_999_999) }
}
