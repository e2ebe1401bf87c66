internal import Clocks
internal import EventLoops
internal import HTTPWire
internal import Limits

/// What each key may ask of the bridge: rates and calls under way by class of endpoint, rates of single endpoints,
/// streams and topics.
///
/// A key is looked up by name when it is first seen; its calls then count by place. See ``CallerTable`` for what becomes
/// of a full table.
@LoopActor
final class InboundLimits {
    /// Bounds on what a key's event streams may be.
    struct StreamCaps: Equatable {
        var streams: Int
        var topics: Int
    }

    /// What is kept of a place beside its counts.
    private struct Row {
        var policies: [RateLimitFields.Policy]
        var caps: StreamCaps
        var endpoints: [EndpointLimits.Row]
    }

    /// What is called: by it an endpoint's own rate is found.
    typealias Called = (method: HTTPMethod, template: String)

    /// Keys with counts of their own; as many as the configuration may hold, and as many again.
    static let maximumKeys = 2000

    private let limits: LimitsConfiguration
    private var table: CallerTable
    private var rows: [Row]
    private var endpoints = EndpointLimits(maximumKeys: maximumKeys)
    /// Whether any endpoint has a rate of its own; most often none has, and nothing is looked for.
    private var hasEndpoints = false

    init(_ limits: LimitsConfiguration) {
        self.limits = limits
        let bounds = InboundLimits.bounds(limits, key: nil)
        table = CallerTable(shared: bounds, maximumCallers: InboundLimits.maximumKeys)
        rows = []
        rows = [row(of: nil, bounds, at: Instant(nanoseconds: 0))]
    }

    // MARK: Who

    /// Where the calls of a key count. Asked again after each change of the keys.
    func place(of key: KeyConfiguration, at now: Instant) -> CallerTable.Place {
        let bounds = InboundLimits.bounds(limits, key: key)
        let place = table.place(of: key.name, bounds, at: now)
        guard place != table.shared else { return place }
        let row = row(of: key, bounds, at: now)
        if place.index < rows.count { rows[place.index] = row } else { rows.append(row) }
        return place
    }

    private func row(of key: KeyConfiguration?, _ bounds: [CallerTable.Bound], at now: Instant) -> Row {
        let rates = limits.endpoints.merging(key?.endpoints ?? [:]) { $1 }
        if !rates.isEmpty { hasEndpoints = true }
        return Row(
            policies: InboundLimits.policies(bounds), caps: InboundLimits.caps(limits, key: key),
            endpoints: rates.isEmpty ? [] : endpoints.rows(of: key?.name ?? "", rates, at: now))
    }

    /// Where the calls of a caller without a key of its own count.
    var shared: CallerTable.Place { table.shared }

    private static func bounds(_ limits: LimitsConfiguration, key: KeyConfiguration?) -> [CallerTable.Bound] {
        EndpointClass.allCases.map { group in
            let rate = key?.rates[group] ?? limits.rates[group] ?? RequestRate(1, per: 1)
            return CallerTable.Bound(
                count: rate.count, window: .seconds(rate.window),
                concurrent: key?.caps.concurrency[group] ?? limits.concurrency[group] ?? 1)
        }
    }

    private static func policies(_ bounds: [CallerTable.Bound]) -> [RateLimitFields.Policy] {
        zip(EndpointClass.allCases, bounds).map { group, bound in
            RateLimitFields.Policy(
                name: group.rawValue, quota: bound.count, windowSeconds: Int(clamping: bound.window.secondsRoundedUp))
        }
    }

    private static func caps(_ limits: LimitsConfiguration, key: KeyConfiguration?) -> StreamCaps {
        StreamCaps(
            streams: key?.caps.streams ?? limits.streamsPerKey, topics: key?.caps.topics ?? limits.topicsPerKey)
    }

    // MARK: Calls

    /// Counts a call, and says where the key stands now: with the endpoint's own rate if it has one, or else the class's.
    func take(
        _ caller: CallerTable.Place, _ group: EndpointClass, _ called: Called, at now: Instant
    ) -> (verdict: Verdict, fields: RateLimitFields) {
        if let row = row(caller, called) { return endpoints.take(row, at: now) }
        let taken = table.take(caller, group.number, at: now)
        return (taken.verdict, fields(taken.place, group, taken.use))
    }

    /// Lets a call in that waits for its answer. What it gives back is owed to ``leave(_:_:)``; `nil` when too many wait.
    func enter(_ caller: CallerTable.Place, _ group: EndpointClass) -> CallerTable.Place? {
        table.enter(caller, group.number)
    }

    /// Such a call has its answer.
    func leave(_ place: CallerTable.Place, _ group: EndpointClass) { table.leave(place, group.number) }

    /// What an answer says of the key's limit.
    func fields(
        _ caller: CallerTable.Place, _ group: EndpointClass, _ called: Called, at now: Instant
    ) -> RateLimitFields {
        if let row = row(caller, called) { return endpoints.fields(row, at: now) }
        let place = table.current(caller)
        return fields(place, group, table.use(place, group.number, at: now))
    }

    /// The endpoint's own rate; `nil` where the class's holds.
    func row(_ caller: CallerTable.Place, _ called: Called) -> EndpointLimits.Row? {
        guard hasEndpoints else { return nil }
        return rows[table.current(caller).index].endpoints.first { $0.endpoint.matches(called.method, called.template) }
    }

    /// What is used of every endpoint's own rate.
    func endpointStanding(
        _ caller: CallerTable.Place, at now: Instant
    ) -> [(row: EndpointLimits.Row, use: CallerTable.Use)] {
        rows[table.current(caller).index].endpoints.map { ($0, endpoints.use($0, at: now)) }
    }

    private func fields(_ place: CallerTable.Place, _ group: EndpointClass, _ use: CallerTable.Use) -> RateLimitFields {
        RateLimitFields(
            RateLimitFields.Standing(
                rows[place.index].policies[group.number], remaining: use.remaining, resetSeconds: use.resetSeconds))
    }

    /// What the key's streams may be.
    func streamCaps(_ caller: CallerTable.Place) -> StreamCaps { rows[table.current(caller).index].caps }

    /// The state of every class.
    func standing(
        _ caller: CallerTable.Place, at now: Instant
    ) -> [(group: EndpointClass, bound: CallerTable.Bound, use: CallerTable.Use)] {
        EndpointClass.allCases.map {
            ($0, table.bound(caller, $0.number), table.use(caller, $0.number, at: now))
        }
    }
}
