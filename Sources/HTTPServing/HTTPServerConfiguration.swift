public import EventLoops
public import HTTPWire

/// Where a server listens and what its clients may cost.
public struct HTTPServerConfiguration: Sendable {
    /// How long each thing may take. A deadline for a message runs from its beginning: trickled bytes do not extend it.
    public struct Deadlines: Sendable {
        /// From accepting, or a later request's first byte, to the end of the head.
        public var header = Duration.seconds(10)
        /// From the end of the head to the end of the body.
        public var body = Duration.seconds(30)
        /// Between an answer and the next request's first byte.
        public var idle = Duration.seconds(75)
        /// While output waits: from the last byte the client took.
        public var write = Duration.seconds(30)
        /// From the whole request to a pending answer: then the handler is cancelled and 504 answered. `nil` leaves it to
        /// the handler. Streams have none.
        public var answer: Duration?
        /// How long a stream's sent data may stay unacknowledged, or its reader's window closed.
        public var streamUnacknowledged = Duration.seconds(60)

        /// The defaults.
        public init() {}
    }

    /// Each is listened on.
    public var addresses: [SocketAddress]
    /// Absent: plain HTTP.
    public var tls: TLSServerContext?
    /// Sizes of requests.
    public var limits = HTTPLimits()
    /// Times.
    public var deadlines = Deadlines()
    /// Connections held at once; above, accepting pauses and clients wait in the kernel. Upgraded ones do not count.
    public var maximumConnections = 4096
    /// Connections held at once by one address; above, they are closed at once.
    public var maximumConnectionsPerAddress = 2048
    /// Output waiting for one client, in bytes, above which nothing more is read from it; the largest body is handed over
    /// in pieces of this at most. A stream whose owner lets it grow to four times this is cut.
    public var outputBytes = 1 << 20
    /// Bytes received beyond the request being answered, above which reading pauses.
    public var pipelinedBytes = 64 << 10
    /// Bytes a client may send during a stream; they are dropped, above this with the connection.
    public var bytesDuringStream = 64 << 10
    /// Which hosts are served; others get 421 before they reach the handler. `nil` serves every host.
    public var hosts: HostPolicy?

    /// The defaults, on `addresses`.
    public init(addresses: [SocketAddress], tls: TLSServerContext? = nil) {
        self.addresses = addresses
        self.tls = tls
    }
}
