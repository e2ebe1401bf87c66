import Bytes
import EventLoops
import OpenDWire
import Protobuf

@testable import BrokerModel
@testable import OpenDBroker

/// A message from its JSON form.
func parsed<Kind: Message>(_ type: Kind.Type = Kind.self, _ json: String) throws -> Kind {
    try Kind(json: JSONValue.parse(Array(json.utf8)))
}

/// Calls that are answered by a test, without a gateway: each request by the answer set for its kind.
@LoopActor
final class AnsweredCalls: OpenDCalls {
    var session: OpenDSession?
    var reason: String?
    /// Requests in their order.
    var requests: [any OpenDRequestMessage] = []
    private var answers: [UInt32: @LoopActor (any OpenDRequestMessage) -> Result<any Message, OpenDCallFailure>] = [:]

    /// Answers each request of that kind with what `body` makes of it.
    func answer<Request: OpenDRequestMessage>(
        _ type: Request.Type, _ body: @escaping @LoopActor (Request) -> Result<Request.Reply, OpenDCallFailure>
    ) {
        answers[type.protocolID] = { request in
            guard let request = request as? Request else { return .failure(.notSent(.leftOut)) }
            return body(request).map { $0 as any Message }
        }
    }

    /// Requests of one kind.
    func requests<Request: OpenDRequestMessage>(_ type: Request.Type) -> [Request] {
        requests.compactMap { $0 as? Request }
    }

    func call<Request: OpenDRequestMessage>(
        _ pacing: OpenDPacing, wait: Duration, timeout: Duration,
        _ request: @escaping @LoopActor (OpenDPacketNumber) -> Request
    ) async throws(OpenDCallFailure) -> Request.Reply {
        let request = request(OpenDPacketNumber(connection: 1, serial: 1))
        requests.append(request)
        switch answers[Request.protocolID]?(request) {
        case .success(let reply as Request.Reply): return reply
        case .failure(let failure): throw failure
        case .success, nil: throw .notSent(BrokerFailure(.badAnswer, "The test has no answer."))
        }
    }

    func onPush<Push: OpenDPushMessage>(_ push: Push.Type, _ handler: @escaping @LoopActor (Push) -> Void) {}

    func observe(_ observer: @escaping @LoopActor (OpenDLinkNews) -> Void) {}
}

extension OpenDCallFailure {
    /// The gateway said no, in words that tell nothing.
    static let refused = OpenDCallFailure.refused(OpenDRefusal(result: -1, errorCode: 0, message: "no"))
}
