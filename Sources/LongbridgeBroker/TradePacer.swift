internal import BrokerModel
internal import Clocks
internal import EventLoops

/// Lets calls about orders and money go one by one, as the broker's limits allow: cancellations first, then orders, then
/// what only looks; within a class in order of arrival.
@LoopActor
final class TradePacer {
    private struct Waiter {
        var number: Int
        var callClass: TradeLimits.CallClass
        var deadline: Instant
        var outcome: Completion<Result<Void, BrokerFailure>>
    }

    /// Calls that may wait; one more is refused.
    static let maximumWaiting = 1000

    private(set) var limits: TradeLimits
    private var waiting: [Waiter] = []
    private var nextNumber = 0
    private lazy var timer = LoopTimer { [weak self] in self?.advance() }

    init(_ limits: TradeLimits) {
        self.limits = limits
    }

    /// Waits for the call's turn, up to `wait`. Once it returns the call is counted, and must be made.
    func turn(_ callClass: TradeLimits.CallClass, wait: Duration) async throws(BrokerFailure) {
        let now = Instant.now()
        let due = limits.nextAdmission(callClass, at: now)
        if due <= now, !waiting.contains(where: { $0.callClass <= callClass }) {
            return limits.take(callClass, at: now)
        }
        guard waiting.count < TradePacer.maximumWaiting else {
            throw BrokerFailure(.rateLimited, "Too many calls are waiting for the broker.", retryAfter: .seconds(1))
        }
        guard due <= now + wait else { throw TradePacer.usedUp(due - now) }
        nextNumber += 1
        let waiter = Waiter(
            number: nextNumber, callClass: callClass, deadline: now + wait, outcome: Completion())
        waiting.append(waiter)
        waiting.sort { ($0.callClass, $0.number) < ($1.callClass, $1.number) }
        schedule()
        let outcome: Result<Void, BrokerFailure>
        do throws(CancellationError) { outcome = try await waiter.outcome.value() } catch {
            waiting.removeAll { $0.number == waiter.number }
            throw BrokerFailure(.cancelled, "The caller went away.")
        }
        try outcome.get()
    }

    /// The broker said that calls come too fast.
    func refused(retryAfter: Duration) {
        limits.refused(retryAfter: retryAfter, at: .now())
        schedule()
    }

    private func advance() {
        let now = Instant.now()
        var kept: [Waiter] = []
        for waiter in waiting {
            let due = limits.nextAdmission(waiter.callClass, at: now)
            if due <= now {
                limits.take(waiter.callClass, at: now)
                waiter.outcome.resolve(.success(()))
            } else if waiter.deadline <= now {
                waiter.outcome.resolve(.failure(TradePacer.usedUp(due - now)))
            } else {
                kept.append(waiter)
            }
        }
        waiting = kept
        schedule()
    }

    private func schedule() {
        let now = Instant.now()
        let due = waiting.map { min($0.deadline, limits.nextAdmission($0.callClass, at: now)) }.min()
        guard let due else { return timer.cancel() }
        timer.schedule(after: due - now)
    }

    private static func usedUp(_ wait: Duration) -> BrokerFailure {
        BrokerFailure(.rateLimited, "The broker's limit is used up for now.", retryAfter: wait)
    }
}
