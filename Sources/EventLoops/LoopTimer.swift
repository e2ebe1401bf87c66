internal import Clocks
internal import CLibevent
internal import Glibc

/// Runs an action on the loop after a while, once or again and again. It never fires early.
///
/// The owner keeps it: a timer nobody holds is cancelled.
@LoopActor
public final class LoopTimer {
    private let action: @LoopActor () -> Void
    /// libevent's event, freed in deinit. Its context is this object, unretained: it outlives the event.
    private var event: OpaquePointer?
    private var deadline: Instant?
    private var interval: Duration?

    /// A timer that is not scheduled yet.
    public init(_ action: @escaping @LoopActor () -> Void) {
        self.action = action
        let context = Unmanaged.passUnretained(self).toOpaque()
        event = event_new(
            EventLoop.main.base, -1, 0,
            { _, _, context in
                guard let context else { return }
                Unmanaged<LoopTimer>.fromOpaque(context).takeUnretainedValue().fired()
            }, context)
    }

    isolated deinit {
        event_free(event)
    }

    /// Fires once, `delay` from now (at the loop's next turn if that is not positive). Replaces an earlier schedule.
    public func schedule(after delay: Duration) {
        interval = nil
        arm(Instant.now() + delay)
    }

    /// Fires every `period`, first one period from now. Firings missed while the process was stopped are not made up.
    /// A period under 1 ms is taken as 1 ms.
    public func schedule(every period: Duration) {
        let period = max(period, .milliseconds(1))
        interval = period
        arm(Instant.now() + period)
    }

    /// Ends the schedule; the action does not run after this.
    public func cancel() {
        interval = nil
        deadline = nil
        event_del(event)
    }

    /// Whether the action is due to run.
    public var isScheduled: Bool { deadline != nil }

    private func arm(_ deadline: Instant) {
        self.deadline = deadline
        var wait = timeval(max(deadline - Instant.now(), .zero))
        event_add(event, &wait)
    }

    private func fired() {
        guard let deadline else { return }
        // libevent reads a coarse clock, cached for the turn: it may be some milliseconds early.
        let now = Instant.now()
        guard now >= deadline else { return arm(deadline) }
        if let interval {
            arm(max(deadline + interval, now))
        } else {
            self.deadline = nil
        }
        action()
    }
}

extension timeval {
    /// Rounded up to microseconds; at most ten years.
    init(_ duration: Duration) {
        let nanoseconds = min(max(duration.nanosecondsClamped, 0), 315_360_000_000_000_000)
        let microseconds = (nanoseconds + 999) / 1000
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
