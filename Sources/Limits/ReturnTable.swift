public import Clocks

/// Who was told to come back, to which kind of call and when. Holds no clock; the table cannot grow without bound.
///
/// One call of a caller may need several of another side's, and only the refused one has room kept for it: that the
/// caller comes as it was told must be known to all of them.
public struct ReturnTable: Sendable {
    private struct Key: Hashable {
        var caller: String
        var route: String
    }

    private struct Expectation {
        var from: Instant
        var until: Instant
    }

    private var expected: [Key: [Expectation]] = [:]
    private var count = 0

    /// Who comes later than this has lost its turn.
    public static let grace = Duration.seconds(2)
    /// A caller is expected so often with one kind of call, and all together so often.
    private static let most = 16
    private static let mostOfAll = 1024

    /// Nobody is expected.
    public init() {}

    /// Whether nobody is expected; nothing needs to be asked then.
    public var isEmpty: Bool { expected.isEmpty }

    /// A call was refused, and told to come back after `wait`, in whole seconds.
    public mutating func told(_ caller: String, _ route: String, wait: Duration, at now: Instant) {
        if count >= ReturnTable.mostOfAll { dropLapsed(at: now) }
        let key = Key(caller: caller, route: route)
        var list = expected[key, default: []]
        guard count < ReturnTable.mostOfAll, list.count < ReturnTable.most else { return }
        list.append(
            Expectation(from: now + wait, until: now + .seconds(wait.secondsRoundedUp) + ReturnTable.grace))
        expected[key] = list
        count += 1
    }

    /// Whether the caller comes when it was told to; each time counts once.
    public mutating func comes(_ caller: String, _ route: String, at now: Instant) -> Bool {
        let key = Key(caller: caller, route: route)
        guard var list = expected[key] else { return false }
        let before = list.count
        list.removeAll { $0.until <= now }
        let place = list.firstIndex { $0.from <= now }
        if let place { list.remove(at: place) }
        count -= before - list.count
        expected[key] = list.isEmpty ? nil : list
        return place != nil
    }

    private mutating func dropLapsed(at now: Instant) {
        expected = expected.compactMapValues { list in
            let kept = list.filter { $0.until > now }
            return kept.isEmpty ? nil : kept
        }
        count = expected.values.reduce(0) { $0 + $1.count }
    }
}
