/// Isolates to the thread of ``EventLoop/main``: sockets, timers, sessions and everything built on them.
///
/// A C callback is written as a closure inside a `@LoopActor` method; the compiler's dynamic check then proves that it
/// is called on the loop's thread.
///
/// State may change at every `await`, also one that calls a function of this actor: for a task without the loop as its
/// preferred executor (any that ``spawn(_:)-(_)`` did not make) each such call goes through the loop's queue.
@globalActor
public actor LoopActor {
    /// The instance Swift's runtime asks for; it has no state.
    public static let shared = LoopActor()

    /// The main loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        EventLoop.main.asUnownedSerialExecutor()
    }

    /// Runs `body` at once, on the promise that the caller is on the loop's thread; traps when it is not.
    public static func assumeIsolated<Result: Sendable>(_ body: @LoopActor () throws -> Result) rethrows -> Result {
        EventLoop.main.checkIsolated()
        return try withoutActuallyEscaping(body) { body in
            // The isolation is a property of the type only; the check above has just shown it to hold.
            try unsafeBitCast(body, to: (() throws -> Result).self)()
        }
    }
}
