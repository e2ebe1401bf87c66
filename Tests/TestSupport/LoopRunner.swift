internal import EventLoops
internal import Glibc

/// Runs the process's event loop beside the tests.
public enum LoopRunner {
    private static let started: Void = {
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { _ in
                EventLoop.main.run()
                return nil
            }, nil)
        precondition(failure == 0, "no thread for the event loop")
        pthread_detach(thread)
    }()

    /// Starts `EventLoop.main` on a thread of its own, once; after that `@Test @LoopActor` functions run. A suite that
    /// needs the loop calls it from its initialiser.
    public static func start() {
        _ = started
    }
}

/// Waits on the loop until `condition` holds, looking at it every millisecond.
///
/// - Returns: whether it held within `timeout`, an upper bound that a passing test never waits for.
@LoopActor
public func until(_ timeout: Duration = .seconds(20), _ condition: @escaping @LoopActor () -> Bool) async -> Bool {
    if condition() { return true }
    let outcome = Completion<Bool>()
    let look = LoopTimer { if condition() { outcome.resolve(true) } }
    let end = LoopTimer { outcome.resolve(condition()) }
    look.schedule(every: .milliseconds(1))
    end.schedule(after: timeout)
    defer {
        look.cancel()
        end.cancel()
    }
    return (try? await outcome.value()) ?? false
}
