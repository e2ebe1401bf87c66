public import EventLoops
public import HTTPWire

/// The body of an answer that is written as it comes. It has no deadline; its owner ends it.
///
/// The queue is the owner's to watch: ``pendingOutput`` counts what the kernel has not taken, and the kernel is told to
/// keep little. A stream that grows past its hard bound all the same is cut.
@LoopActor
public final class HTTPStream {
    /// The template that was routed to, for the record.
    public var routeTemplate: String?
    /// The name of the caller's key, for the record.
    public var keyName: String?
    /// All output that had to wait has gone to the kernel.
    public var onDrained: (() -> Void)?
    /// The connection is closed, whoever closed it. Called exactly once, and nothing is called after it.
    public var onClosed: (() -> Void)?
    /// The server is stopping: say goodbye and ``finish()``. Without it the stream is finished at once.
    public var onServerStopping: (() -> Void)?

    /// Absent once the connection is closed.
    private weak var connection: HTTPConnection?
    private let isChunked: Bool
    private(set) var writtenBytes = 0
    /// Whether ``finish()`` was called.
    private(set) var isFinished = false

    init(connection: HTTPConnection, isChunked: Bool) {
        self.connection = connection
        self.isChunked = isChunked
    }

    /// Whether writing still leads anywhere.
    public var isOpen: Bool { !isFinished && connection?.isStreaming == true }

    /// Bytes the kernel has not taken.
    public var pendingOutput: Int { connection?.pendingOutput ?? 0 }

    /// Writes a piece, as one chunk. Ignored once closed or finished.
    public func write(_ bytes: [UInt8]) {
        guard isChunked else { return send(bytes[...], count: bytes.count) }
        guard let chunk = HTTPChunk(bytes) else { return }
        write(chunk)
    }

    /// Writes a piece that was framed once for many. Ignored once closed or finished.
    public func write(_ chunk: HTTPChunk) {
        send(isChunked ? chunk.framed[...] : chunk.bare, count: chunk.bare.count)
    }

    private func send(_ bytes: ArraySlice<UInt8>, count: Int) {
        guard isOpen, let connection else { return }
        writtenBytes += count
        bytes.withUnsafeBytes { connection.sendStreamed($0) }
    }

    /// Ends the body and, once it is sent, the connection.
    public func finish() {
        guard isOpen, let connection else { return }
        isFinished = true
        if isChunked { HTTPChunk.last.withUnsafeBytes { connection.sendStreamed($0) } }
        connection.streamFinished()
    }

    /// Cuts the connection: the reader sees that the body is not whole.
    public func abort() {
        connection?.abortStream()
    }

    func closed() {
        let onClosed = self.onClosed
        onDrained = nil
        self.onClosed = nil
        onServerStopping = nil
        connection = nil
        onClosed?()
    }
}
