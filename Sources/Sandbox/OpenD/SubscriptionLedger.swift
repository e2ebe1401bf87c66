internal import Clocks

/// What connections have subscribed and registered for, and what of the gateway's quota that takes.
///
/// A unit is one security and one type, counted once however many connections hold it. Units of a connection that went
/// away early are held until their minute is over.
struct SubscriptionLedger: Sendable {
    struct Unit: Hashable, Sendable {
        let code: GatewayCode
        /// The gateway's number of the type.
        let type: Int32
    }

    /// What one connection has of a unit.
    struct Entry: Sendable {
        var since: Instant
        /// Adjustments of the candles that are pushed; other types have one that does not matter. Empty when not
        /// registered.
        var pushes: Set<Int32> = []
        /// Whether sessions besides the regular one are wanted.
        var isExtended = false
    }

    private var held: [UInt64: [Unit: Entry]] = [:]
    /// Units nobody holds any more, and until when they count.
    private var lingering: [Unit: Instant] = [:]

    func entries(_ connection: UInt64) -> [Unit: Entry] { held[connection] ?? [:] }

    func entry(_ connection: UInt64, _ unit: Unit) -> Entry? { held[connection]?[unit] }

    /// Units that count at `now`.
    func used(at now: Instant) -> Set<Unit> {
        var units = Set(lingering.filter { $0.value > now }.keys)
        for entries in held.values { units.formUnion(entries.keys) }
        return units
    }

    /// Every unit some connection is registered for.
    var registered: Set<Unit> {
        var units: Set<Unit> = []
        for entries in held.values { for (unit, entry) in entries where !entry.pushes.isEmpty { units.insert(unit) } }
        return units
    }

    /// Every unit some connection holds.
    var all: Set<Unit> { held.values.reduce(into: []) { $0.formUnion($1.keys) } }

    /// Subscribes; a unit that is held keeps its age. Returns whether the quota suffices.
    mutating func subscribe(
        _ units: [Unit], of connection: UInt64, isExtended: Bool, quota: Int, at now: Instant
    ) -> Bool {
        lingering = lingering.filter { $0.value > now }
        guard used(at: now).union(units).count <= quota else { return false }
        for unit in units {
            lingering[unit] = nil
            var entry = held[connection]?[unit] ?? Entry(since: now)
            entry.isExtended = isExtended
            held[connection, default: [:]][unit] = entry
        }
        return true
    }

    /// Registers for pushes, or takes that back; units that are not held are left out.
    mutating func register(_ units: [Unit], of connection: UInt64, adjustments: Set<Int32>, isOn: Bool) {
        for unit in units where held[connection]?[unit] != nil {
            if isOn {
                held[connection]?[unit]?.pushes.formUnion(adjustments)
            } else {
                held[connection]?[unit]?.pushes = []
            }
        }
    }

    /// Those of `units` that are held for less than `minimum`.
    func tooYoung(_ units: [Unit], of connection: UInt64, minimum: Duration, at now: Instant) -> [Unit] {
        units.filter { unit in held[connection]?[unit].map { now - $0.since < minimum } ?? false }
    }

    mutating func unsubscribe(_ units: [Unit], of connection: UInt64) {
        for unit in units { held[connection]?[unit] = nil }
    }

    /// The connection is gone.
    mutating func close(_ connection: UInt64, minimum: Duration, at now: Instant) {
        for (unit, entry) in held.removeValue(forKey: connection) ?? [:] where now - entry.since < minimum {
            lingering[unit] = max(lingering[unit] ?? now, entry.since + minimum)
        }
    }

    /// Connections and what they hold.
    var connections: [(id: UInt64, entries: [Unit: Entry])] {
        held.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
