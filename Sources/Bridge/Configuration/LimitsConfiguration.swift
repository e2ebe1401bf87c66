/// The bounds on what clients may cost. Each is enforced while the thing grows, not after.
public struct LimitsConfiguration: Sendable, Equatable {
    /// Connections held at once, over all listeners.
    public var connections = 4096
    /// Whether the file set `connections`: a default is lowered to what the process may open, a set value is refused.
    public var isConnectionsSet = false
    /// Connections held at once by one client address.
    public var connectionsPerAddress = 2048
    /// Request line and header fields, in bytes.
    public var headerBytes = 16 << 10
    /// A request's body, in bytes.
    public var bodyBytes = 1 << 20
    /// From the first byte of a request to the end of its header; not extended by trickled bytes.
    public var headerDeadline = Duration.seconds(10)
    /// From the end of the header to the end of the body; not extended either.
    public var bodyDeadline = Duration.seconds(30)
    /// How long a connection may stay open between requests.
    public var idleDeadline = Duration.seconds(75)
    /// From the whole request to its answer.
    public var requestDeadline = Duration.seconds(30)
    /// Event streams held at once.
    public var streams = 2000
    /// Event streams held at once by one key.
    public var streamsPerKey = 1000
    /// Topics of all event streams of one key together.
    public var topicsPerKey = 50_000
    /// How often one key may call.
    public var rates = RequestRate.usual
    /// The same for single endpoints, instead of the rate of their class.
    public var endpoints: [Endpoint: RequestRate] = [:]
    /// Calls of one key that may be under way at once.
    public var concurrency = EndpointClass.usualConcurrency
    /// Bytes that may wait for one slow stream before it is told `bye`.
    public var streamQueueBytes = 1 << 20
    /// Memory the process may use, in bytes; `nil` for what its control group allows.
    public var memoryBytes: Int?
    /// How long a stop waits for answers and streams to end.
    public var drainDeadline = Duration.seconds(8)

    /// The defaults.
    public init() {}
}

extension LimitsConfiguration {
    private static let defaults = LimitsConfiguration()

    private static func count(
        _ key: String, _ range: ClosedRange<Int>, _ path: KeyPath<LimitsConfiguration, Int>, _ meaning: String
    ) -> Setting<Int> {
        Setting("limits.\(key)", .integer(range), default: "`\(defaults[keyPath: path])`", meaning)
    }

    private static func size(
        _ key: String, _ range: ClosedRange<Int>, _ path: KeyPath<LimitsConfiguration, Int>, _ meaning: String
    ) -> Setting<Int> {
        Setting("limits.\(key)", .bytes(range), default: "`\(ByteSize.text(defaults[keyPath: path]))`", meaning)
    }

    private static func time(
        _ key: String, _ range: ClosedRange<Duration>, _ path: KeyPath<LimitsConfiguration, Duration>, _ meaning: String
    ) -> Setting<Duration> {
        Setting("limits.\(key)", .duration(range), default: "`\(DurationText.text(defaults[keyPath: path]))`", meaning)
    }

    private static let connectionsSetting = count(
        "connections", 1...100_000, \.connections,
        "Connections held at once. The default is lowered to what the process may open; a value given here is refused instead."
    )
    private static let perAddress = count(
        "connections_per_address", 1...100_000, \.connectionsPerAddress,
        "Connections held at once by one client address.")
    private static let header = size(
        "header_bytes", (1 << 10)...(256 << 10), \.headerBytes, "Request line and header fields; more is answered 431.")
    private static let body = size(
        "body_bytes", (1 << 10)...(64 << 20), \.bodyBytes, "Request body; more is answered 413.")
    private static let headerTime = time(
        "header_deadline", .milliseconds(100) ... .seconds(300), \.headerDeadline,
        "From the first byte of a request to the end of its header.")
    private static let bodyTime = time(
        "body_deadline", .milliseconds(100) ... .seconds(600), \.bodyDeadline,
        "From the end of the header to the end of the body.")
    private static let idleTime = time(
        "idle_deadline", .milliseconds(100) ... .seconds(3600), \.idleDeadline,
        "How long a connection may stay open between requests.")
    private static let requestTime = time(
        "request_deadline", .milliseconds(100) ... .seconds(300), \.requestDeadline,
        "From the whole request to its answer.")
    private static let streamCount = count("streams", 1...100_000, \.streams, "Event streams held at once.")
    private static let perKey = count(
        "streams_per_key", 1...100_000, \.streamsPerKey, "Event streams held at once by one key.")
    private static let topics = count(
        "topics_per_key", 1...10_000_000, \.topicsPerKey, "Topics of all event streams of one key together.")
    private static let queue = size(
        "stream_queue_bytes", (16 << 10)...(64 << 20), \.streamQueueBytes,
        "What may wait for one slow stream before it is ended with `bye`.")
    private static let memory = Setting(
        "limits.memory", .bytes((64 << 20)...(1 << 40)), default: "the control group's, or none",
        "Memory of the process. Above 80 % of it no streams are opened, above 90 % requests are answered 503, but for cancellations."
    )
    private static let drainTime = time(
        "drain_deadline", .milliseconds(100) ... .seconds(10), \.drainDeadline,
        "How long a stop waits for answers and streams to end.")

    static let rows =
        [
            connectionsSetting.row, perAddress.row, header.row, body.row, headerTime.row, bodyTime.row, idleTime.row,
            requestTime.row, streamCount.row, perKey.row, topics.row, queue.row, memory.row, drainTime.row,
        ] + rateSettings.map(\.setting.row) + [Endpoint.limitSetting.row] + concurrencySettings.map(\.setting.row)

    /// Reports single values out of range, then pairs that contradict each other.
    init(reading section: SectionReader) {
        self.init()
        connections = section.value(Self.connectionsSetting, default: connections)
        isConnectionsSet = section.has("connections")
        connectionsPerAddress = section.value(Self.perAddress, default: min(connectionsPerAddress, connections))
        headerBytes = section.value(Self.header, default: headerBytes)
        bodyBytes = section.value(Self.body, default: bodyBytes)
        headerDeadline = section.value(Self.headerTime, default: headerDeadline)
        bodyDeadline = section.value(Self.bodyTime, default: bodyDeadline)
        idleDeadline = section.value(Self.idleTime, default: idleDeadline)
        requestDeadline = section.value(Self.requestTime, default: requestDeadline)
        streams = section.value(Self.streamCount, default: min(streams, connections))
        streamsPerKey = section.value(Self.perKey, default: min(streamsPerKey, streams))
        topicsPerKey = section.value(Self.topics, default: topicsPerKey)
        readCalls(section)
        streamQueueBytes = section.value(Self.queue, default: streamQueueBytes)
        memoryBytes = section.optional(Self.memory)
        drainDeadline = section.value(Self.drainTime, default: drainDeadline)
        refuse(connectionsPerAddress, above: connections, "connections_per_address", "limits.connections", section)
        refuse(streams, above: connections, "streams", "limits.connections", section)
        refuse(streamsPerKey, above: streams, "streams_per_key", "limits.streams", section)
    }

    private func refuse(_ value: Int, above limit: Int, _ key: String, _ limitName: String, _ section: SectionReader) {
        guard value > limit else { return }
        section.report("\(value) can never be reached: \(limitName) is \(limit)", key: key)
    }
}

extension LimitsConfiguration {
    /// Descriptors kept back for files, the broker's connections, the log and what arrives while connections are closed.
    public static let reservedDescriptors = 128

    /// The same limits made to fit a process that may open `descriptors` files.
    ///
    /// - Throws: what is impossible about the values the operator set.
    public func fitted(toDescriptors descriptors: Int) throws(ConfigurationProblem) -> LimitsConfiguration {
        let available = descriptors - Self.reservedDescriptors
        guard available >= 16 else {
            throw ConfigurationProblem(
                file: "environment", location: nil, keyPath: "nofile",
                message:
                    "the process may open \(descriptors) files; at least \(Self.reservedDescriptors + 16) are needed")
        }
        guard connections > available else { return self }
        guard !isConnectionsSet else {
            throw ConfigurationProblem(
                file: "environment", location: nil, keyPath: "limits.connections",
                message: "\(connections) connections need \(connections + Self.reservedDescriptors) open files, "
                    + "the process may open \(descriptors): raise nofile or lower limits.connections")
        }
        var fitted = self
        fitted.connections = available
        fitted.connectionsPerAddress = min(connectionsPerAddress, available)
        fitted.streams = min(streams, available)
        fitted.streamsPerKey = min(streamsPerKey, fitted.streams)
        return fitted
    }
}
