/// A limit of a broker's, and how far it is used now.
public struct UpstreamLimit: Sendable, Equatable {
    /// Names it within the account: `quote`, `trade/read`.
    public var name: String
    /// What is allowed now: calls in ``window``, or things held.
    public var limit: Int
    /// In force at the moment: less than ``limit`` for a while after a refusal.
    public var ceiling: Int
    /// How much of it is used.
    public var used: Int
    /// `nil` for what is not counted by time.
    public var window: Duration?
    /// When nothing is used any more, if no further call comes; `nil` without a window.
    public var reset: Duration?
    /// Calls at once, where that is bounded, and how many there are.
    public var atOnce: (limit: Int, used: Int)?
    /// Calls that wait for room.
    public var waiting = 0
    /// What the broker states, where ``limit`` was lowered.
    public var stated: Int?
    /// For how long the ceiling stays low.
    public var loweredFor: Duration?
    /// The page that states it.
    public var source: String
    /// When the page was read, `2026-05`.
    public var sourceDate: String
    /// What the account is to the broker, where the limit goes by that.
    public var level: String?

    /// A limit that nothing was used of.
    public init(name: String, limit: Int, source: String, sourceDate: String) {
        self.name = name
        self.limit = limit
        ceiling = limit
        used = 0
        self.source = source
        self.sourceDate = sourceDate
    }

    /// How much is left.
    public var remaining: Int { max(0, ceiling - used) }

    /// Member by member.
    public static func == (left: UpstreamLimit, right: UpstreamLimit) -> Bool {
        left.name == right.name && left.limit == right.limit && left.ceiling == right.ceiling
            && left.used == right.used && left.window == right.window && left.reset == right.reset
            && left.atOnce?.limit == right.atOnce?.limit && left.atOnce?.used == right.atOnce?.used
            && left.waiting == right.waiting && left.stated == right.stated && left.loweredFor == right.loweredFor
            && left.source == right.source && left.sourceDate == right.sourceDate && left.level == right.level
    }
}
