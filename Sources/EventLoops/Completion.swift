/// A value that arrives once and is waited for by tasks: the seam between callbacks and `await`.
///
/// Waiting ends with the value or with the waiter's cancellation. Whoever makes one must resolve it in the end, or the
/// waiters that are never cancelled wait for ever.
@LoopActor
public final class Completion<Value: Sendable> {
    private var result: Value?
    private var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
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
        for continuation in resumed.values { continuation.resume(returning: value) }
    }

    /// Waits for the value. A value that has arrived is returned even to a cancelled task.
    public func value() async throws(CancellationError) -> Value {
        if let result { return result }
        guard !Task.isCancelled else { throw CancellationError() }
        let waiter = nextWaiter
        nextWaiter += 1
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiters[waiter] = $0 }
        } onCancel: {
            EventLoop.main.execute { self.cancel(waiter) }
        }
        guard let outcome else { throw CancellationError() }
        return outcome
    }

    private func cancel(_ waiter: Int) {
        waiters.removeValue(forKey: waiter)?.resume(returning: nil)
    }
}
