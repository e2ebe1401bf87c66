internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import HTTPWire

/// Answers that cost the broker something: kept for a moment, and fetched once however many ask at the same time.
@LoopActor
final class ReadCache {
    /// What a broker's answer becomes: the members of a JSON object, without its braces.
    struct Fetched: Sendable {
        var body: [UInt8]
        /// The time of the figures by the broker's clock, where it gives one.
        var asOf: WallTime?
        /// Whether the broker was not asked.
        var isStored = false
    }

    /// A kept answer.
    struct Entry: Sendable {
        var body: [UInt8]
        var asOf: WallTime?
        var at: Instant
        var isFromCache = false
    }

    private var entries: [String: Entry] = [:]
    private var fetching: [String: Completion<Result<Entry, Problem>>] = [:]
    private let bound: Int

    /// At most `bound` answers are kept; when it is reached, all are dropped.
    init(bound: Int = 4096) {
        self.bound = bound
    }

    /// Forgets every answer whose key begins so: something was changed.
    func forget(prefix: String) {
        entries = entries.filter { !$0.key.hasPrefix(prefix) }
    }

    /// How many fetches of others a call waits for that are refused, before it asks by itself.
    private static let maximumJoins = 2

    /// The answer of `key`, not older than `maximumAge`. Who joins a fetch under way shares its result; a caller that
    /// leaves does not end it for the others. Only a refusal by a limit is not shared: each is told its own time, and
    /// another may have room that is kept for it.
    func answer(
        _ key: String, maximumAge: Duration,
        _ fetch: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> Fetched
    ) async -> Result<Entry, Problem> {
        if var entry = entries[key], Instant.now() - entry.at <= maximumAge, maximumAge > .zero {
            entry.isFromCache = true
            return .success(entry)
        }
        do throws(CancellationError) {
            for _ in 0..<ReadCache.maximumJoins {
                guard let running = fetching[key] else { break }
                let result = try await running.value()
                guard case .failure(let problem) = result, problem.code == "upstream_rate_limited" else {
                    return result
                }
            }
            return try await start(key, fetch).value()
        } catch {
            return .failure(Problem(status: 503, code: "shutting_down", detail: "The caller went away."))
        }
    }

    private func start(
        _ key: String, _ fetch: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> Fetched
    ) -> Completion<Result<Entry, Problem>> {
        let result = Completion<Result<Entry, Problem>>()
        let isJoinable = fetching[key] == nil
        if isJoinable { fetching[key] = result }
        spawn { [self] in
            let fetched = await ReadCache.outcome(of: fetch)
            if isJoinable { fetching[key] = nil }
            if case .success(let entry) = fetched {
                if entries.count >= bound { entries = [:] }
                entries[key] = entry
            }
            result.resolve(fetched)
        }
        return result
    }

    private static func outcome(
        of fetch: @LoopActor @Sendable () async throws(BrokerFailure) -> Fetched
    ) async -> Result<Entry, Problem> {
        do throws(BrokerFailure) {
            let fetched = try await fetch()
            return .success(Entry(body: fetched.body, asOf: fetched.asOf, at: .now(), isFromCache: fetched.isStored))
        } catch {
            return .failure(Problem(error))
        }
    }
}
