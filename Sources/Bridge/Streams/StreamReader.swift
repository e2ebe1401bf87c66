internal import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// One open stream: what it asked for, and what waits for it.
///
/// While the client keeps up, events go out together at the end of the loop's turn. When it does not, each market topic
/// keeps its newest event only; a session event that finds the queue full ends the stream, to be resumed by its id.
@LoopActor
final class StreamReader {
    let id: String
    let holder: KeyHolder
    let topics: Set<StreamTopic>
    let isNDJSON: Bool
    /// When its key stops working; `nil` for never.
    let expires: WallTime?
    /// Where the reader stands, by what was sent.
    private var position: EventPosition?
    private(set) var delivered = 0
    private(set) var merged = 0

    private let stream: HTTPStream
    private let queueBytes: Int
    private let maximumEvents: Int?
    private var queue: [HTTPChunk] = []
    private var isFlushDue = false
    private var waiting: [StreamTopic: StreamEvent] = [:]
    private var waitingOrder: [StreamTopic] = []
    private(set) var isEnded = false
    /// What came while the journal was read; `nil` when nothing is held back.
    private var held: [(event: StreamEvent, topic: StreamTopic)]?
    /// Events that may be held back; one more ends the stream.
    private static let heldBound = 10_000
    var onEnd: (() -> Void)?

    init(
        id: String, holder: KeyHolder, topics: Set<StreamTopic>, isNDJSON: Bool, expires: WallTime?,
        maximumEvents: Int?, queueBytes: Int, stream: HTTPStream
    ) {
        self.id = id
        self.holder = holder
        self.topics = topics
        self.isNDJSON = isNDJSON
        self.expires = expires
        self.maximumEvents = maximumEvents
        self.queueBytes = queueBytes
        self.stream = stream
        stream.onClosed = { [weak self] in self?.closed() }
        stream.onDrained = { [weak self] in self?.drained() }
        stream.onServerStopping = { [weak self] in self?.bye("restart") }
    }

    /// Sends an event of a topic, or keeps it for when the client has caught up.
    func deliver(_ event: StreamEvent, topic: StreamTopic) {
        guard !isEnded else { return }
        if held != nil {
            held?.append((event, topic))
            if held?.count ?? 0 > StreamReader.heldBound { bye("slow") }
            return
        }
        if stream.pendingOutput > 0, topic.isMerged {
            if waiting.updateValue(event, forKey: topic) == nil { waitingOrder.append(topic) } else { merged += 1 }
            return
        }
        guard stream.pendingOutput < queueBytes else { return bye("slow") }
        guard !waiting.isEmpty, event.journal != nil, let position, let passed = event.position else {
            return send(event)
        }
        // It overtakes what waits: who resumes from it has not seen that.
        send(event.moved(to: position.with(journal: passed.journal)))
    }

    // MARK: Replay

    /// From now on everything new waits, until ``release(after:)``.
    func hold() { held = held ?? [] }

    /// Sends an event of the past, in front of what is held.
    func sendHeldBack(_ event: StreamEvent) {
        send(event)
    }

    /// Whether the client has not yet taken what it was sent.
    var isBackedUp: Bool { stream.pendingOutput >= queueBytes / 2 }

    /// Sends what was held, less what the journal has given already.
    func release(after number: Int64) {
        let events = held ?? []
        held = nil
        for (event, topic) in events where event.journal.map({ $0 > number }) ?? true { deliver(event, topic: topic) }
    }

    /// Sends an event whatever waits: hello, gap, snapshots.
    func send(_ event: StreamEvent, isLate: Bool = false) {
        guard !isEnded else { return }
        let event = isLate ? event.moved(to: nil) : event
        position = event.position ?? position
        if isNDJSON {
            if let line = HTTPChunk(event.json + [0x0A]) { enqueue(line) }
        } else if let chunk = event.sse {
            enqueue(chunk)
        }
        delivered += 1
        if let maximumEvents, delivered >= maximumEvents { finish() }
    }

    /// Sends bytes that are no event: a comment, the retry time.
    func sendControl(_ bytes: [UInt8]) {
        guard !isEnded, !isNDJSON, let chunk = HTTPChunk(bytes) else { return }
        enqueue(chunk)
    }

    /// A comment, if nothing waits: it keeps proxies from closing an idle stream.
    func heartbeat() {
        if stream.pendingOutput == 0, queue.isEmpty { sendControl(ServerSentEvent.comment("keep-alive")) }
    }

    /// Says why, and where to go on from, and ends.
    func bye(_ reason: String) {
        guard !isEnded else { return }
        var json = JSONWriter()
        json.beginObject()
        json.key("reason")
        json.string(reason)
        json.key("resume_from")
        json.string(position?.text)
        json.endObject()
        let event = StreamEvent("bye", json.bytes, at: nil)
        if let chunk = isNDJSON ? HTTPChunk(event.json + [0x0A]) : event.sse { enqueue(chunk) }
        finish()
    }

    private func finish() {
        guard !isEnded else { return }
        flush()
        isEnded = true
        stream.finish()
        end()
    }

    private func enqueue(_ chunk: HTTPChunk) {
        queue.append(chunk)
        guard !isFlushDue else { return }
        isFlushDue = true
        EventLoop.main.execute { [weak self] in self?.flush() }
    }

    /// One write for everything of this turn.
    private func flush() {
        isFlushDue = false
        guard !queue.isEmpty else { return }
        let chunks = queue
        queue = []
        if chunks.count == 1 { return stream.write(chunks[0]) }
        stream.write(chunks.flatMap(\.bare))
    }

    private func drained() {
        let order = waitingOrder
        let events = waiting
        waitingOrder = []
        waiting = [:]
        for topic in order {
            if let event = events[topic] { send(event, isLate: true) }
        }
    }

    private func closed() {
        isEnded = true
        queue = []
        held = nil
        end()
    }

    private func end() {
        let told = onEnd
        onEnd = nil
        told?()
    }
}
