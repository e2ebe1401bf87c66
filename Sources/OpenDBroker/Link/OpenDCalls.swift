internal import BrokerModel
internal import EventLoops
internal import OpenDWire

/// What a trade write carries against replay: the connection it is sent on, and a number that grows there.
///
/// It is made when the request leaves, not before: a request that waited over a reconnection carries the new one's.
struct OpenDPacketNumber: Equatable, Sendable {
    /// `connID` of InitConnect.
    var connection: UInt64
    /// The serial number in the packet's header.
    var serial: UInt32

    /// As requests have it.
    var message: OpenD.Common.PacketID {
        var message = OpenD.Common.PacketID()
        message.connID = connection
        message.serialNo = serial
        return message
    }
}

/// What is known of the gateway while the link is ready.
struct OpenDSession: Equatable, Sendable {
    /// `connID` of InitConnect; another one after each reconnection.
    var connection: UInt64
    /// Who is logged in at the gateway; never shown.
    var user: UInt64
    /// Major x 100 + minor.
    var gatewayVersion: Int32
    /// Whether the gateway is logged in at the trade servers, as it said last.
    var isTradeReady: Bool
}

/// What the link tells of itself.
enum OpenDLinkNews: Equatable, Sendable {
    /// Calls may go. Subscriptions and push registrations of before are gone.
    case ready(OpenDSession)
    /// The session changed in place: the gateway logged in or out at the trade servers.
    case changed(OpenDSession)
    /// No calls, no pushes.
    case lost
}

/// Why a call has no payload. The order of an account is never "failed" by ``unanswered(_:)``.
enum OpenDCallFailure: Error, Equatable, Sendable {
    /// Provably not sent: the link is not ready, a limit left no room, the caller left before.
    case notSent(BrokerFailure)
    /// Sent, and nobody knows: no answer in time, the connection was lost, or the answer could not be read.
    case unanswered(BrokerFailure)
    /// The gateway answered that it did not do it.
    case refused(OpenDRefusal)
}

/// A reply whose `retType` is not 0.
struct OpenDRefusal: Error, Equatable, Sendable {
    /// `retType`: -1 failed, -100 the servers did not answer the gateway, -200 the gateway has no connection, -400
    /// unknown, -500 the packet could not be read.
    var result: Int32
    /// `errCode`; for logs, except where PlaceOrder uses it.
    var errorCode: Int32?
    /// `retMsg`, for people, in the gateway's language.
    var message: String?

    /// Whether it says that nothing was done. After the others the gateway's servers may have done it all the same.
    var isDefinite: Bool { result == -1 || result == -500 }
}

/// What a call counts against.
enum OpenDPacing: Equatable, Sendable {
    /// The limits of its protocol that are kept for the gateway as a whole.
    case gateway
    /// The limits of its protocol that are kept for each trading account. Calls that leave some of the window to others
    /// (as amendments do to cancellations) have all of it but those.
    case account(UInt64, leaving: Int = 0)
    /// None: this call of the protocol is free, as with a further page or without `refreshCache`.
    case free
}

/// The gateway as the parts of the adapter see it: calls that are answered, and pushes.
///
/// A call waits for its limits up to `wait`, never for a link that is not ready, and is sent at most once. A task that is
/// cancelled leaves; what it sent is sent.
@LoopActor
protocol OpenDCalls: AnyObject {
    /// The session, while the link is ready.
    var session: OpenDSession? { get }
    /// Why the link is not ready, for people; safe to show.
    var reason: String? { get }

    /// Sends a request and gives the payload of its reply.
    ///
    /// - Parameters:
    ///   - request: makes the payload when its turn has come; the number is that of this sending.
    ///   - wait: how long it may wait for its turn.
    ///   - timeout: how long the gateway may take, once it is sent.
    func call<Request: OpenDRequestMessage>(
        _ pacing: OpenDPacing, wait: Duration, timeout: Duration,
        _ request: @escaping @LoopActor (OpenDPacketNumber) -> Request
    ) async throws(OpenDCallFailure) -> Request.Reply

    /// Tells `handler` of each push of that message, in the order of their arrival. Replaces the handler there was.
    func onPush<Push: OpenDPushMessage>(_ push: Push.Type, _ handler: @escaping @LoopActor (Push) -> Void)

    /// Tells `observer` of what becomes of the link, from now on; it is kept.
    func observe(_ observer: @escaping @LoopActor (OpenDLinkNews) -> Void)
}

extension OpenDCalls {
    /// How long the vendor's client waits for an answer.
    static var standardTimeout: Duration { .seconds(12) }

    /// Sends a request that carries no packet number.
    func call<Request: OpenDRequestMessage>(
        _ request: Request, _ pacing: OpenDPacing = .gateway, wait: Duration, timeout: Duration = standardTimeout
    ) async throws(OpenDCallFailure) -> Request.Reply {
        try await call(pacing, wait: wait, timeout: timeout) { _ in request }
    }

    /// The same for a read: every failure in the words of the product.
    func read<Request: OpenDRequestMessage>(
        _ request: Request, _ pacing: OpenDPacing = .gateway, wait: Duration
    ) async throws(BrokerFailure) -> Request.Reply {
        do throws(OpenDCallFailure) { return try await call(request, pacing, wait: wait) } catch {
            throw BrokerFailure(error)
        }
    }
}
