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
/// and keeps its place until the broker has answered, since the broker is still at work on it. Calls over HTTP, which
/// share the limits, take their turn here too: they leave by `Action.admit` or `Action.fail`, and need no link. Holds no
/// socket, timer or clock.
struct RequestQueue {
    /// Names a request on this side, for good.
    typealias Ticket = Int

    /// What the driver must do, in order.
    enum Action: Equatable {
        /// Send the request with this id. Its answer is due within `timeout`.
        case send(Ticket, id: UInt32, timeout: Duration)
        /// The call over HTTP may be made; ``RequestQueue/ended(outside:now:)`` is owed.
        case admit(Ticket)
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
        var timeout: Duration
        var isOutside: Bool
    }

    private struct InFlight {
        var ticket: Ticket
        var isAbandoned = false  // the caller left
        var deadline: Instant
        var isCall: Bool  // logins do not wait in line
    }

    private enum LinkState { case closed, open, ready }

    /// What the broker allows, and who waits for it.
    var line: CallLine

    /// Requests that may wait; one more is refused.
    static let maximumWaiting = 1000

    private var link = LinkState.closed
    private var nextTicket = 1
    private var nextID: UInt32 = 1
    private var waiting: [Ticket: Waiting] = [:]
    private var inFlight: [UInt32: InFlight] = [:]

    init(_ bounds: LongbridgeBounds = LongbridgeBounds()) {
        line = QuoteLimits.line(bounds, maximumWaiting: RequestQueue.maximumWaiting)
    }

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
    mutating func lost(now: Instant) -> [Action] {
        let sent = inFlight.sorted { $0.key < $1.key }
        let unsent = waiting.filter { !$0.value.isOutside }.keys.sorted()
        for (_, request) in sent { end(request, at: now) }
        for ticket in unsent {
            line.leave(ticket)
            waiting[ticket] = nil
        }
        link = .closed
        inFlight = [:]
        return sent.compactMap { $1.isAbandoned ? nil : .fail($1.ticket, .connectionLost) }
            + unsent.map { .fail($0, .notReady) } + advance(now: now)
    }

    // MARK: Requests

    /// Takes in a login or the profile: it goes at once, outside the limits of calls.
    mutating func submitControl(timeout: Duration, now: Instant) -> (Ticket, [Action]) {
        let ticket = takeTicket()
        guard link != .closed else { return (ticket, [.fail(ticket, .notReady)]) }
        return (ticket, [send(ticket, timeout: timeout, isCall: false, now: now)])
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
        return (ticket, arrive(ticket, command, Waiting(timeout: timeout, isOutside: false), deadline, now))
    }

    /// Takes in a call over HTTP.
    mutating func submitOutside(deadline: Instant, now: Instant) -> (Ticket, [Action]) {
        let ticket = takeTicket()
        return (ticket, arrive(ticket, nil, Waiting(timeout: .zero, isOutside: true), deadline, now))
    }

    private mutating func arrive(
        _ ticket: Ticket, _ command: QuoteCommand?, _ request: Waiting, _ deadline: Instant, _ now: Instant
    ) -> [Action] {
        waiting[ticket] = request
        guard let decisions = line.arrive(ticket, QuoteLimits.call(command, at: now), deadline: deadline, at: now)
        else {
            waiting[ticket] = nil
            return [.fail(ticket, .overloaded)]
        }
        return actions(decisions, now: now)
    }

    /// A call over HTTP has ended, however it did; ``advance(now:)`` follows.
    mutating func ended(outside ticket: Ticket, now: Instant) { line.end(ticket, at: now) }

    /// An answer arrived; ``advance(now:)`` follows, its place may be free.
    mutating func answered(id: UInt32, now: Instant) -> Reception {
        guard let request = inFlight.removeValue(forKey: id) else { return id != 0 && id < nextID ? .late : .unasked }
        end(request, at: now)
        return request.isAbandoned ? .late : .answer(request.ticket)
    }

    /// The caller left.
    mutating func cancelled(_ ticket: Ticket) {
        if waiting.removeValue(forKey: ticket) != nil { line.leave(ticket) }
        for (id, request) in inFlight where request.ticket == ticket { inFlight[id]?.isAbandoned = true }
    }

    /// Time has passed, a place is free, or budget came: sends what may go, and fails what is late.
    mutating func advance(now: Instant) -> [Action] {
        var late: [Action] = []
        for (id, request) in inFlight.sorted(by: { $0.key < $1.key }) where request.deadline <= now {
            inFlight[id] = nil
            end(request, at: now)
            if !request.isAbandoned { late.append(.fail(request.ticket, .timedOut)) }
        }
        return late + actions(line.advance(at: now), now: now)
    }

    /// When ``advance(now:)`` has something to do; `nil` for never.
    func nextDeadline(now: Instant) -> Instant? {
        (inFlight.values.map(\.deadline) + (line.nextDeadline(at: now).map { [$0] } ?? [])).min()
    }

    private mutating func actions(_ decisions: [CallLine.Decision], now: Instant) -> [Action] {
        decisions.compactMap { decision in
            switch decision {
            case .go(let ticket):
                guard let request = waiting.removeValue(forKey: ticket) else { return nil }
                return request.isOutside
                    ? .admit(ticket) : send(ticket, timeout: request.timeout, isCall: true, now: now)
            case .refuse(let ticket, let retryAfter):
                guard waiting.removeValue(forKey: ticket) != nil else { return nil }
                return .fail(ticket, .rateLimited(retryAfter: retryAfter))
            }
        }
    }

    private mutating func end(_ request: InFlight, at now: Instant) {
        if request.isCall { line.end(request.ticket, at: now) }
    }

    private mutating func takeTicket() -> Ticket {
        defer { nextTicket += 1 }
        return nextTicket
    }

    private mutating func send(_ ticket: Ticket, timeout: Duration, isCall: Bool, now: Instant) -> Action {
        let id = nextID
        nextID = nextID == .max ? 1 : nextID + 1
        inFlight[id] = InFlight(ticket: ticket, deadline: now + timeout, isCall: isCall)
        return .send(ticket, id: id, timeout: timeout)
    }
}
