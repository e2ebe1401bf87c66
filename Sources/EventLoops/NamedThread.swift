internal import CShims
internal import Glibc

/// A thread for what has to wait: files, names, pipes. Everything else is on the loop.
///
/// It runs its body and ends. One that is not joined ends with the process at the latest.
public struct NamedThread: Sendable {
    /// No thread was left; the error number of the system.
    public struct Failure: Error, Equatable, Sendable {
        /// As in `errno`.
        public let code: Int32
    }

    private let thread: pthread_t

    /// Starts it.
    ///
    /// - Parameters:
    ///   - name: what tools show, at most 15 bytes of it.
    ///   - isJoined: whether ``join()`` will be called, which it then has to be.
    public init(_ name: String, isJoined: Bool, _ body: @escaping @Sendable () -> Void) throws(Failure) {
        var attributes = pthread_attr_t()
        let isRefused = pthread_attr_init(&attributes)
        guard isRefused == 0 else { throw Failure(code: isRefused) }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(
            &attributes, Int32(isJoined ? PTHREAD_CREATE_JOINABLE : PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        // Retained for the thread, which releases it.
        let context = Unmanaged.passRetained(Start(name: name, body: body))
        let status = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                _ = bb_name_thread(start.name)
                start.body()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw Failure(code: status)
        }
        self.thread = thread
    }

    /// Waits for its end. Once only, and never on the thread itself.
    public func join() { pthread_join(thread, nil) }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
