internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import Limits

/// Lets calls about orders and money go one by one, as the broker's limits allow: cancellations first, then orders, then
/// what only looks; within a class in order of arrival.
@LoopActor
final class TradePacer {
    /// A call that was let go.
    typealias Turn = Int

    /// Calls that may wait; one more is refused.
    nonisolated static let maximumWaiting = 1000

    private(set) var line: CallLine
    private var outcomes: [Turn: Completion<Result<Void, BrokerFailure>>] = [:]
    private var next = 1
    private lazy var timer = LoopTimer { [weak self] in self?.advance() }

    init(calls: Int) {
        line = TradeLimits.line(calls: calls)
    }

    /// Waits for the call's turn, up to `wait`. Once it returns the call is counted and must be made; ``ended(_:)`` is owed.
    func turn(_ callClass: TradeLimits.CallClass, wait: Duration) async throws(BrokerFailure) -> Turn {
        let now = Instant.now()
        let number = next
        next += 1
        let outcome = Completion<Result<Void, BrokerFailure>>()
        guard let decisions = line.arrive(number, TradeLimits.call(callClass, at: now), deadline: now + wait, at: now)
        else {
            throw BrokerFailure(.rateLimited, "Too many calls are waiting for the broker.", retryAfter: .seconds(1))
        }
        outcomes[number] = outcome
        perform(decisions)
        schedule()
        let result: Result<Void, BrokerFailure>
        do throws(CancellationError) { result = try await outcome.value() } catch {
            // It may have been let go a moment ago.
            if outcomes.removeValue(forKey: number) != nil { line.leave(number) } else { ended(number) }
            throw BrokerFailure(.cancelled, "The caller went away.")
        }
        try result.get()
        return number
    }

    /// The call of a turn has ended, however it did.
    func ended(_ turn: Turn) {
        line.end(turn, at: .now())
        advance()
    }

    /// The broker said that calls come too fast.
    func refused(retryAfter: Duration) {
        TradeLimits.refused(&line, retryAfter: retryAfter, at: .now())
        schedule()
    }

    private func advance() {
        perform(line.advance(at: .now()))
        schedule()
    }

    private func perform(_ decisions: [CallLine.Decision]) {
        for decision in decisions {
            switch decision {
            case .go(let number): outcomes.removeValue(forKey: number)?.resolve(.success(()))
            case .refuse(let number, let retryAfter):
                outcomes.removeValue(forKey: number)?.resolve(
                    .failure(
                        BrokerFailure(
                            .rateLimited, "The broker's limit is used up for now.", retryAfter: retryAfter)))
            }
        }
    }

    private func schedule() {
        let now = Instant.now()
        guard let due = line.nextDeadline(at: now) else { return timer.cancel() }
        timer.schedule(after: due - now)
    }
}
