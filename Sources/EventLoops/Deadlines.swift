/// Waits for `duration`, by a timer of the loop.
///
/// - Throws: `CancellationError` as soon as the task is cancelled.
@LoopActor
public func sleep(for duration: Duration) async throws(CancellationError) {
    let elapsed = Completion<Void>()
    let timer = LoopTimer { elapsed.resolve(()) }
    timer.schedule(after: duration)
    defer { timer.cancel() }
    try await elapsed.value()
}

/// A body ran longer than ``withDeadline(_:_:)`` allowed.
public struct DeadlineExceeded: Error, Equatable {
    /// The only value there is.
    public init() {}
}

/// Runs `body` as a task of its own and cancels it after `deadline`, or when the caller is cancelled.
///
/// It returns when the body has ended, so nothing outlives the call: a body must heed its cancellation. A value the
/// body yields all the same, however late, is returned; it may tell of something that cannot be undone.
///
/// - Throws: ``DeadlineExceeded`` when the body failed after the deadline; else what the body threw.
@LoopActor
public func withDeadline<Result: Sendable>(
    _ deadline: Duration, _ body: @escaping @LoopActor @Sendable () async throws -> Result
) async throws -> Result {
    let task = spawn(body)
    var isExceeded = false
    let timer = LoopTimer {
        isExceeded = true
        task.cancel()
    }
    timer.schedule(after: deadline)
    defer { timer.cancel() }
    do {
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    } catch {
        throw isExceeded ? DeadlineExceeded() : error
    }
}
