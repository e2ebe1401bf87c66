public import Clocks

/// One ``TokenBucket`` for each key (an API key, a peer's address), in a table that cannot grow without bound.
///
/// A bucket that is full again is forgotten, which nobody can notice. When the table is full of busy keys, every
/// further key shares one more bucket: many addresses then cost their owner's budget, not our memory, and the keys in
/// the table keep theirs.
public struct BucketTable<Key: Hashable & Sendable>: Sendable {
    private let model: TokenBucket
    private let maximumKeys: Int
    private let sweepInterval: Duration
    private var buckets: [Key: TokenBucket] = [:]
    private var shared: TokenBucket
    private var nextSweep = Instant(nanoseconds: .min)

    /// - Parameters:
    ///   - bucket: what each key starts with.
    ///   - maximumKeys: how many keys have a bucket of their own, at least 1.
    ///   - sweepInterval: how often at most the table is searched for idle keys; a search visits each key.
    public init(bucket: TokenBucket, maximumKeys: Int, sweepInterval: Duration = .seconds(1)) {
        model = bucket
        shared = bucket
        self.maximumKeys = max(1, maximumKeys)
        self.sweepInterval = sweepInterval
    }

    /// How many keys have a bucket of their own now.
    public var count: Int { buckets.count }

    /// Takes one token from `key`'s bucket.
    public mutating func take(_ key: Key, at now: Instant) -> Verdict {
        if buckets[key] == nil, buckets.count >= maximumKeys {
            sweep(at: now)
            guard buckets.count < maximumKeys else { return shared.take(at: now) }
        }
        return buckets[key, default: model].take(at: now)
    }

    /// Whether `key` would be refused at `now`, without counting anything.
    public func wouldRefuse(_ key: Key, at now: Instant) -> Bool {
        let bucket = buckets[key] ?? (buckets.count < maximumKeys ? model : shared)
        return bucket.nextAdmission(at: now) > now
    }

    private mutating func sweep(at now: Instant) {
        guard now >= nextSweep else { return }
        nextSweep = now + sweepInterval
        buckets = buckets.filter { !$0.value.isFull(at: now) }
    }
}
