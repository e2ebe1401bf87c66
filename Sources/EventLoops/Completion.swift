/// A value that arrives once and is waited for by tasks: the seam between callbacks and `await`.
///
/// Waiting ends with the value or with the waiter's cancellation. Whoever makes one must resolve it in the end, or the
/// waiters that are never cancelled wait for ever.
@LoopActor
public final class Completion<Value: Sendable> {
    /// A task that waits. Between its first step and the one that registers its continuation the loop may run others,
    /// so both the value and the cancellation may come before there is anything to resume.
    private enum Waiter {
        case arriving
        case waiting(CheckedContinuation<Value?, Never>)
        case cancelled
    }

    private var result: Value?
    private var waiters: [Int: Waiter] = [:]
    private var nextWaiter = 0

    /// One that has no value yet.
    public init() {}

    /// The value, if it has arrived.
    public var current: Value? { result }

    /// Hands `value` to all who wait and will wait. Only the first call counts.
    public func resolve(_ value: Value) {
        guard result == nil else { return }
        result = value
        let resumed = waiters
        waiters = [:]
        for case .waiting(let continuation) in resumed.values { continuation.resume(returning: value) }
    }

    /// Waits for the value. A value that has arrived is returned even to a cancelled task.
    public func value() async throws(CancellationError) -> Value {
        if let result { return result }
        guard !Task.isCancelled else { throw CancellationError() }
        let waiter = nextWaiter
        nextWaiter += 1
        waiters[waiter] = .arriving
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { register(waiter, $0) }
        } onCancel: {
            EventLoop.main.execute { self.cancel(waiter) }
        }
        guard let outcome else { throw CancellationError() }
        return outcome
    }

    private func register(_ waiter: Int, _ continuation: CheckedContinuation<Value?, Never>) {
        switch waiters.removeValue(forKey: waiter) {
        case .arriving: waiters[waiter] = .waiting(continuation)
        // Without an entry it was resolved meanwhile.
        case .cancelled, .waiting, nil: continuation.resume(returning: result)
        }
    }

    private func cancel(_ waiter: Int) {
        switch waiters[waiter] {
        case .arriving: waiters[waiter] = .cancelled
        case .waiting(let continuation):
            waiters[waiter] = nil
            continuation.resume(returning: nil)
        case .cancelled, nil: break
        }
    }
}
