internal import Clocks
internal import EventLoops

/// The requests of one connection: those that wait for the vendor's limits, and those that wait for an answer.
///
///     submit ──▶ waiting ──budget──▶ in flight ──answered──▶ done
///                   │ not in time, link lost  │ not in time, link lost
///                   ▼                         ▼
///                 failed                    failed
///
/// Each request taken in leaves once, by `Reception.answer` or by `Action.fail`; one whose caller left leaves unseen.
/// Holds no socket, timer or clock.
@LoopActor
struct OpenDRequestQueue {
    /// Names a request on this side, for good.
    typealias Ticket = Int

    /// What the driver must do, in order.
    enum Action: Equatable {
        /// Send the request with this serial number.
        case send(Ticket, serial: UInt32)
        case fail(Ticket, Failure)
    }

    /// Why a request got no answer.
    enum Failure: Equatable {
        /// The link cannot serve calls now; nothing was sent.
        case notReady
        /// As many requests wait or are in flight as may; nothing was sent.
        case overloaded
        /// The vendor's limits leave no room in time; nothing was sent.
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
        /// No request had that number: the gateway is out of step.
        case unasked
    }

    private enum Link { case closed, open, ready }

    private struct Waiting {
        var ticket: Ticket
        var protocolID: UInt32
        var pacing: OpenDPacing
        var deadline: Instant
        var timeout: Duration
    }

    private struct InFlight {
        var ticket: Ticket
        var protocolID: UInt32
        var deadline: Instant
    }

    /// Requests that may wait; one more is refused.
    static let maximumWaiting = 1000
    /// Requests that may be unanswered; one more waits no longer than it may.
    static let maximumInFlight = 1000

    let limits: OpenDLimits
    private var link = Link.closed
    private var nextTicket = 1
    private var nextSerial: UInt32 = 1
    private var waiting: [Waiting] = []
    private var inFlight: [UInt32: InFlight] = [:]

    init(limits: OpenDLimits) { self.limits = limits }

    /// How many requests it holds.
    var count: Int { waiting.count + inFlight.count }

    // MARK: The link

    /// A connection is open: the handshake may go, calls may not.
    mutating func opened() {
        link = .open
        nextSerial = 1
    }

    /// The gateway serves: calls may go.
    mutating func becameReady() { link = .ready }

    /// The gateway cannot serve for now: calls that were not sent fail, those that were may still be answered.
    mutating func becameUnready() -> [Action] {
        link = .open
        let unsent = waiting.map(\.ticket)
        waiting = []
        return unsent.map { .fail($0, .notReady) }
    }

    /// The connection is gone, and with it every request.
    mutating func lost() -> [Action] {
        let sent = inFlight.sorted { $0.key < $1.key }.map(\.value.ticket)
        let unsent = waiting.map(\.ticket)
        link = .closed
        inFlight = [:]
        waiting = []
        return sent.map { .fail($0, .connectionLost) } + unsent.map { .fail($0, .notReady) }
    }

    // MARK: Requests

    /// Takes in a request of the session's own: it goes at once, outside the limits, also while calls may not.
    mutating func submitControl(_ protocolID: UInt32, timeout: Duration, now: Instant) -> (Ticket, [Action]) {
        let ticket = takeTicket()
        guard link != .closed else { return (ticket, [.fail(ticket, .notReady)]) }
        return (ticket, [send(ticket, protocolID, timeout: timeout, now: now)])
    }

    /// Takes in a call.
    ///
    /// - Parameters:
    ///   - deadline: until when it may wait for its turn.
    ///   - timeout: how long the gateway may take, once it is sent.
    mutating func submit(
        _ protocolID: UInt32, _ pacing: OpenDPacing, deadline: Instant, timeout: Duration, now: Instant
    ) -> (Ticket, [Action]) {
        let ticket = takeTicket()
        guard link == .ready else { return (ticket, [.fail(ticket, .notReady)]) }
        guard waiting.count < OpenDRequestQueue.maximumWaiting, inFlight.count < OpenDRequestQueue.maximumInFlight
        else { return (ticket, [.fail(ticket, .overloaded)]) }
        let due = limits.nextAdmission(protocolID, pacing, at: now)
        guard due <= max(deadline, now) else {
            return (ticket, [.fail(ticket, .rateLimited(retryAfter: due - now))])
        }
        waiting.append(
            Waiting(ticket: ticket, protocolID: protocolID, pacing: pacing, deadline: deadline, timeout: timeout))
        return (ticket, advance(now: now))
    }

    /// A reply arrived. It belongs to a request by its protocol and its number together.
    mutating func answered(_ protocolID: UInt32, serial: UInt32) -> Reception {
        guard let request = inFlight[serial] else {
            return serial != 0 && serial < nextSerial ? .late : .unasked
        }
        guard request.protocolID == protocolID else { return .unasked }
        inFlight[serial] = nil
        return .answer(request.ticket)
    }

    /// The caller left; whether its request had been sent.
    mutating func cancelled(_ ticket: Ticket) -> Bool {
        waiting.removeAll { $0.ticket == ticket }
        guard let serial = inFlight.first(where: { $0.value.ticket == ticket })?.key else { return false }
        inFlight[serial] = nil
        return true
    }

    /// Time has passed or budget came: sends what may go, in order of arrival, and fails what is late.
    mutating func advance(now: Instant) -> [Action] {
        var actions: [Action] = []
        for (serial, request) in inFlight.sorted(by: { $0.key < $1.key }) where request.deadline <= now {
            inFlight[serial] = nil
            actions.append(.fail(request.ticket, .timedOut))
        }
        var kept: [Waiting] = []
        for request in waiting {
            let due = limits.nextAdmission(request.protocolID, request.pacing, at: now)
            if due <= now {
                limits.take(request.protocolID, request.pacing, at: now)
                actions.append(send(request.ticket, request.protocolID, timeout: request.timeout, now: now))
            } else if request.deadline <= now {
                actions.append(.fail(request.ticket, .rateLimited(retryAfter: due - now)))
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
        for request in waiting {
            deadlines.append(
                min(request.deadline, limits.nextAdmission(request.protocolID, request.pacing, at: now)))
        }
        return deadlines.min()
    }

    private mutating func takeTicket() -> Ticket {
        defer { nextTicket += 1 }
        return nextTicket
    }

    private mutating func send(
        _ ticket: Ticket, _ protocolID: UInt32, timeout: Duration, now: Instant
    ) -> Action {
        let serial = nextSerial
        nextSerial = nextSerial == .max ? 1 : nextSerial + 1
        inFlight[serial] = InFlight(ticket: ticket, protocolID: protocolID, deadline: now + timeout)
        return .send(ticket, serial: serial)
    }
}
