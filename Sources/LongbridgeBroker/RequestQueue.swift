internal import Clocks
internal import Limits
internal import LongbridgeWire

/// The requests of one socket: those that wait for the broker's limits, and those that wait for an answer.
///
///     submit ──▶ waiting ──budget and place──▶ in flight ──answered──▶ done
///                   │ not in time, link lost       │ not in time, link lost
///                   ▼                              ▼
///                 failed                         failed
///
/// Each request taken in leaves once, by `Reception.answer` or by `Action.fail`; one whose caller left leaves unseen,
/// and keeps its place until the broker has answered, since the broker is still at work on it. Holds no socket, timer
/// or clock.
struct RequestQueue {
    /// Names a request on this side, for good.
    typealias Ticket = Int

    /// What the driver must do, in order.
    enum Action: Equatable {
        /// Send the request with this id. Its answer is due within `timeout`.
        case send(Ticket, id: UInt32, timeout: Duration)
        case fail(Ticket, Failure)
    }

    /// Why a request got no answer.
    enum Failure: Equatable {
        /// The link cannot serve calls now; nothing was sent.
        case notReady
        /// As many requests wait as may; nothing was sent.
        case overloaded
        /// The broker's limits leave no room in time; nothing was sent.
        case rateLimited(retryAfter: Duration)
        /// Sent, and not answered in time.
        case timedOut
        /// Sent, and the connection was lost before the answer.
        case connectionLost
    }

    /// What an answer belongs to.
    enum Reception: Equatable {
        case answer(Ticket)
        /// The request timed out, was answered before, or its caller left.
        case late
        /// No request had that id: the broker is out of step.
        case unasked
    }

    private struct Waiting {
        var ticket: Ticket
        var command: QuoteCommand
        var deadline: Instant
        var timeout: Duration
    }

    private struct InFlight {
        var ticket: Ticket?  // nil once the caller left
        var deadline: Instant
        var usesPlace: Bool  // calls share the places; logins do not wait for one
    }

    private enum LinkState { case closed, open, ready }

    /// What the broker allows.
    var limits = QuoteLimits()

    /// Requests that may wait; one more is refused.
    static let maximumWaiting = 1000

    private var link = LinkState.closed
    private var nextTicket = 1
    private var nextID: UInt32 = 1
    private var waiting: [Waiting] = []
    private var inFlight: [UInt32: InFlight] = [:]
    private var places = ConcurrencyCap(limit: QuoteLimits.callsAtOnce)

    /// How many requests it holds.
    var count: Int { waiting.count + inFlight.count }

    // MARK: The link

    /// A connection is open: logins may go, calls may not.
    mutating func opened() {
        link = .open
        nextID = 1
    }

    /// The session is up: calls may go.
    mutating func becameReady() {
        link = .ready
    }

    /// The connection is gone, and with it every request.
    mutating func lost() -> [Action] {
        let sent = inFlight.sorted { $0.key < $1.key }.compactMap { $1.ticket }
        for request in inFlight.values where request.usesPlace { places.leave() }
        let unsent = waiting.map(\.ticket)
        link = .closed
        inFlight = [:]
        waiting = []
        return sent.map { .fail($0, .connectionLost) } + unsent.map { .fail($0, .notReady) }
    }

    // MARK: Requests

    /// Takes in a login or the profile: it goes at once, outside the limits of calls.
    mutating func submitControl(timeout: Duration, now: Instant) -> (Ticket, [Action]) {
        let ticket = takeTicket()
        guard link != .closed else { return (ticket, [.fail(ticket, .notReady)]) }
        return (ticket, [send(ticket, timeout: timeout, usesPlace: false, now: now)])
    }

    /// Takes in a call.
    ///
    /// - Parameters:
    ///   - deadline: until when it may wait for its turn.
    ///   - timeout: how long the broker may take, once it is sent.
    mutating func submit(
        _ command: QuoteCommand, deadline: Instant, timeout: Duration, now: Instant
    ) -> (Ticket, [Action]) {
        let ticket = takeTicket()
        guard link == .ready else { return (ticket, [.fail(ticket, .notReady)]) }
        guard waiting.count < RequestQueue.maximumWaiting else { return (ticket, [.fail(ticket, .overloaded)]) }
        let due = limits.nextAdmission(command, at: now)
        guard due <= max(deadline, now) else {
            return (ticket, [.fail(ticket, .rateLimited(retryAfter: due - now))])
        }
        waiting.append(Waiting(ticket: ticket, command: command, deadline: deadline, timeout: timeout))
        return (ticket, advance(now: now))
    }

    /// An answer arrived; ``advance(now:)`` follows, its place may be free.
    mutating func answered(id: UInt32) -> Reception {
        guard let request = inFlight.removeValue(forKey: id) else { return id != 0 && id < nextID ? .late : .unasked }
        if request.usesPlace { places.leave() }
        return request.ticket.map { .answer($0) } ?? .late
    }

    /// The caller left.
    mutating func cancelled(_ ticket: Ticket) {
        waiting.removeAll { $0.ticket == ticket }
        for (id, request) in inFlight where request.ticket == ticket { inFlight[id]?.ticket = nil }
    }

    /// Time has passed, a place is free, or budget came: sends what may go, in order of arrival, and fails what is late.
    mutating func advance(now: Instant) -> [Action] {
        var actions: [Action] = []
        for (id, request) in inFlight.sorted(by: { $0.key < $1.key }) where request.deadline <= now {
            inFlight[id] = nil
            if request.usesPlace { places.leave() }
            if let ticket = request.ticket { actions.append(.fail(ticket, .timedOut)) }
        }
        var kept: [Waiting] = []
        for request in waiting {
            let due = limits.nextAdmission(request.command, at: now)
            if due <= now, places.enter() {
                limits.take(request.command, at: now)
                actions.append(send(request.ticket, timeout: request.timeout, usesPlace: true, now: now))
            } else if request.deadline <= now {
                let retry = due > now ? due - now : RequestQueue.retryAfterBusy
                actions.append(.fail(request.ticket, .rateLimited(retryAfter: retry)))
            } else {
                kept.append(request)
            }
        }
        waiting = kept
        return actions
    }

    /// When ``advance(now:)`` has something to do; `nil` for never.
    func nextDeadline(now: Instant) -> Instant? {
        var deadlines = inFlight.values.map(\.deadline)
        let hasPlace = places.inUse < places.limit
        for request in waiting {
            deadlines.append(
                hasPlace ? min(request.deadline, limits.nextAdmission(request.command, at: now)) : request.deadline)
        }
        return deadlines.min()
    }

    /// When all places are taken nobody knows when one is free; this is a guess.
    private static let retryAfterBusy = Duration.seconds(1)

    private mutating func takeTicket() -> Ticket {
        defer { nextTicket += 1 }
        return nextTicket
    }

    private mutating func send(_ ticket: Ticket, timeout: Duration, usesPlace: Bool, now: Instant) -> Action {
        let id = nextID
        nextID = nextID == .max ? 1 : nextID + 1
        inFlight[id] = InFlight(ticket: ticket, deadline: now + timeout, usesPlace: usesPlace)
        return .send(ticket, id: id, timeout: timeout)
    }
}
