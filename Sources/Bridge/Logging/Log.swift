public import Clocks
internal import Synchronization

/// Takes finished log lines.
public protocol LogOutput: Sendable {
    /// Takes one line, line feed included, at most 4096 bytes. Never waits; `false` when the line was dropped.
    func write(_ line: [UInt8]) -> Bool
}

/// The program's log: one JSON object a line.
///
/// Logging never decides anything and never waits: what the output cannot take is counted, and the count is logged as soon
/// as the output takes lines again. Any thread may log.
public final class Log: Sendable {
    private let output: any LogOutput
    private let clock: @Sendable () -> WallTime
    private let rank: Atomic<UInt8>
    private let droppedUnsaid = Atomic<Int>(0)
    private let droppedTotal = Atomic<Int>(0)

    /// - Parameter clock: stamps the lines; the system's clock unless a test says otherwise.
    public init(level: LogLevel, output: any LogOutput, clock: @escaping @Sendable () -> WallTime = { WallTime.now() })
    {
        self.output = output
        self.clock = clock
        rank = Atomic(level.rank)
    }

    /// Changes what is written from now on.
    public func setLevel(_ level: LogLevel) {
        rank.store(level.rank, ordering: .relaxed)
    }

    /// Whether a line of this level would be written; for skipping the work of making one.
    public func isEnabled(_ level: LogLevel) -> Bool {
        level.rank >= rank.load(ordering: .relaxed)
    }

    /// Lines lost since the start because the output was full.
    public var dropped: Int { droppedTotal.load(ordering: .relaxed) }

    /// For finding a fault.
    public func debug(_ event: StaticString, _ fields: LogField...) { write(.debug, event, fields) }
    /// Normal service.
    public func info(_ event: StaticString, _ fields: LogField...) { write(.info, event, fields) }
    /// Something is wrong and is being dealt with.
    public func warning(_ event: StaticString, _ fields: LogField...) { write(.warning, event, fields) }
    /// Somebody has to act.
    public func error(_ event: StaticString, _ fields: LogField...) { write(.error, event, fields) }

    /// Writes one line; `event` is a stable dotted name such as `link.lost`.
    public func write(_ level: LogLevel, _ event: StaticString, _ fields: [LogField]) {
        guard isEnabled(level) else { return }
        let time = clock()
        guard output.write(LogLine(time: time, level: level, event: event, fields: fields).encoded) else {
            droppedUnsaid.add(1, ordering: .relaxed)
            droppedTotal.add(1, ordering: .relaxed)
            return
        }
        sayDropped(time)
    }

    private func sayDropped(_ time: WallTime) {
        guard droppedUnsaid.load(ordering: .relaxed) > 0 else { return }
        let count = droppedUnsaid.exchange(0, ordering: .relaxed)
        guard count > 0 else { return }
        let line = LogLine(time: time, level: .warning, event: "log.dropped", fields: [.count(count)]).encoded
        if !output.write(line) { droppedUnsaid.add(count, ordering: .relaxed) }
    }
}

/// One answered request, as the access log has it.
public struct AccessRecord: Sendable, Equatable {
    /// As in the request's line.
    public var method: String
    /// The template of the route; absent when none was found.
    public var route: String?
    /// The answer's status.
    public var status: Int
    /// The answer's body, in bytes.
    public var bytes: Int
    /// From the request's first byte to the answer's last.
    public var duration: Duration
    /// The client's address, without its port.
    public var peer: String
    /// The request's id.
    public var requestID: String
    /// The name of the key that was presented and accepted.
    public var keyName: String?

    /// One record.
    public init(
        method: String, route: String?, status: Int, bytes: Int, duration: Duration, peer: String, requestID: String,
        keyName: String?
    ) {
        self.method = method
        self.route = route
        self.status = status
        self.bytes = bytes
        self.duration = duration
        self.peer = peer
        self.requestID = requestID
        self.keyName = keyName
    }
}

extension Log {
    /// The access log: one line a request, `warning` where the bridge or the broker failed.
    public func access(_ record: AccessRecord) {
        let level = record.status >= 500 ? LogLevel.warning : .info
        guard isEnabled(level) else { return }
        var fields: [LogField] = [.requestID(record.requestID), .method(record.method)]
        if let route = record.route { fields.append(.route(route)) }
        fields += [.status(record.status), .bytes(record.bytes), .duration(record.duration), .peer(record.peer)]
        if let key = record.keyName { fields.append(.key(key)) }
        write(level, "http.request", fields)
    }
}
