internal import Clocks
internal import EventLoops
internal import HTTPWire

/// Answers that cost the broker something: kept for a moment, and fetched once however many ask at the same time.
@LoopActor
final class ReadCache {
    /// An encoded answer.
    struct Entry: Sendable {
        var body: [UInt8]
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

    /// The answer of `key`, not older than `maximumAge`. Who joins a fetch under way shares its result; a caller that
    /// leaves does not end it for the others.
    func answer(
        _ key: String, maximumAge: Duration,
        _ fetch: @escaping @LoopActor @Sendable () async -> Result<[UInt8], Problem>
    ) async -> Result<Entry, Problem> {
        if var entry = entries[key], Instant.now() - entry.at <= maximumAge, maximumAge > .zero {
            entry.isFromCache = true
            return .success(entry)
        }
        let result: Completion<Result<Entry, Problem>>
        if let running = fetching[key] {
            result = running
        } else {
            result = Completion()
            fetching[key] = result
            spawn { [self] in
                let fetched = await fetch().map { Entry(body: $0, at: .now()) }
                fetching[key] = nil
                if case .success(let entry) = fetched {
                    if entries.count >= bound { entries = [:] }
                    entries[key] = entry
                }
                result.resolve(fetched)
            }
        }
        do throws(CancellationError) { return try await result.value() } catch {
            return .failure(Problem(status: 503, code: "shutting_down", detail: "The caller went away."))
        }
    }
}
