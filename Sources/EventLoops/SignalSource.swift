internal import CLibevent
internal import Glibc

/// Runs an action on the loop each time the process receives a signal, in place of the signal's default effect.
///
/// The owner keeps it; without it the default effect is back. One source a signal.
@LoopActor
public final class SignalSource {
    private let action: @LoopActor () -> Void
    /// Freed in deinit. Its context is this object, unretained: it outlives the event.
    private var event: OpaquePointer?

    /// Watches `signal`, for example `SIGTERM`.
    public init(_ signal: Int32, _ action: @escaping @LoopActor () -> Void) {
        self.action = action
        let context = Unmanaged.passUnretained(self).toOpaque()
        event = event_new(
            EventLoop.main.base, signal, Int16(EV_SIGNAL | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                Unmanaged<SignalSource>.fromOpaque(context).takeUnretainedValue().action()
            }, context)
        event_add(event, nil)
    }

    isolated deinit {
        event_free(event)
    }
}
