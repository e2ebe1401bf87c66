internal import Clocks
internal import HTTPWire
internal import Limits

/// The rates of single endpoints, each counted for itself: for every key and endpoint that has one.
struct EndpointLimits {
    /// One rate of one key.
    struct Row {
        let endpoint: Endpoint
        fileprivate let place: CallerTable.Place
        let policy: RateLimitFields.Policy
        let bound: CallerTable.Bound
    }

    private var table: CallerTable

    /// - Parameter maximumKeys: how many keys may have rates of their own, each for as many endpoints as one list holds.
    init(maximumKeys: Int) {
        // The shared place is not reached: there is one for each key and endpoint.
        table = CallerTable(
            shared: [CallerTable.Bound(count: 1, window: .seconds(1), concurrent: 1)],
            maximumCallers: (maximumKeys + 1) * Endpoint.maximumCount * 2)
    }

    /// The rates of a key, with what they have counted so far.
    mutating func rows(of name: String, _ rates: [Endpoint: RequestRate], at now: Instant) -> [Row] {
        rates.sorted { $0.key < $1.key }.map { endpoint, rate in
            let bound = CallerTable.Bound(count: rate.count, window: .seconds(rate.window), concurrent: 1)
            return Row(
                endpoint: endpoint, place: table.place(of: "\(name) \(endpoint)", [bound], at: now),
                policy: RateLimitFields.Policy(
                    name: endpoint.policyName, quota: rate.count, windowSeconds: rate.window),
                bound: bound)
        }
    }

    /// Counts a call, and says where the key stands with this rate.
    mutating func take(_ row: Row, at now: Instant) -> (verdict: Verdict, fields: RateLimitFields) {
        let taken = table.take(row.place, 0, at: now)
        return (taken.verdict, fields(row, taken.use))
    }

    /// Where the key stands with this rate.
    func fields(_ row: Row, at now: Instant) -> RateLimitFields { fields(row, use(row, at: now)) }

    /// What is used of it.
    func use(_ row: Row, at now: Instant) -> CallerTable.Use { table.use(row.place, 0, at: now) }

    private func fields(_ row: Row, _ use: CallerTable.Use) -> RateLimitFields {
        RateLimitFields(
            RateLimitFields.Standing(row.policy, remaining: use.remaining, resetSeconds: use.resetSeconds))
    }
}
