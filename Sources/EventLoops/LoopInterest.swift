internal import CLibevent

/// What a descriptor can be ready for.
public struct Readiness: OptionSet, Sendable {
    /// The bits, as this library counts them.
    public let rawValue: UInt8

    /// The set with these bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bytes, a connection or the end of the stream can be read.
    public static let read = Readiness(rawValue: 1)
    /// Bytes can be written, or a connect has ended.
    public static let write = Readiness(rawValue: 2)
}

/// Watches a descriptor that somebody else owns, level triggered, until cancelled or released.
///
/// Cancel it before the descriptor is closed.
@LoopActor
public final class LoopInterest {
    private let action: @LoopActor (Readiness) -> Void
    /// Freed in deinit. Its context is this object, unretained: it outlives the event.
    private var event: OpaquePointer?

    /// Calls `action` with what is ready each time one of `events` is.
    public init(fileDescriptor: Int32, events: Readiness, _ action: @escaping @LoopActor (Readiness) -> Void) {
        self.action = action
        var flags = EV_PERSIST
        if events.contains(.read) { flags |= EV_READ }
        if events.contains(.write) { flags |= EV_WRITE }
        let context = Unmanaged.passUnretained(self).toOpaque()
        event = event_new(
            EventLoop.main.base, fileDescriptor, Int16(flags),
            { _, ready, context in
                guard let context else { return }
                let interest = Unmanaged<LoopInterest>.fromOpaque(context).takeUnretainedValue()
                var readiness: Readiness = []
                if Int32(ready) & EV_READ != 0 { readiness.insert(.read) }
                if Int32(ready) & EV_WRITE != 0 { readiness.insert(.write) }
                interest.action(readiness)
            }, context)
        event_add(event, nil)
    }

    isolated deinit {
        if let event { event_free(event) }
    }

    /// Ends the watch; the action does not run after this.
    public func cancel() {
        if let event { event_free(event) }
        event = nil
    }
}
