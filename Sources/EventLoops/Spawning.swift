/// Starts a task that runs on the loop and stays there: the one place where a task is made.
///
/// The caller owns the task and ends it (`cancel()`); a task nobody keeps must end by itself.
@discardableResult
public func spawn<Result: Sendable>(
    _ body: @escaping @LoopActor @Sendable () async throws -> Result
) -> Task<Result, any Error> {
    Task(executorPreference: EventLoop.main) { try await body() }
}

/// Starts a task that cannot fail; otherwise as the throwing form.
@discardableResult
public func spawn<Result: Sendable>(
    _ body: @escaping @LoopActor @Sendable () async -> Result
) -> Task<Result, Never> {
    Task(executorPreference: EventLoop.main) { await body() }
}
