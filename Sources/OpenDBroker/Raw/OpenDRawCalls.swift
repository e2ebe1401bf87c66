internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import EventLoops
internal import OpenDWire
internal import Protobuf

/// The gateway's requests by their names: JSON of the payload in, JSON of the payload out, within its limits.
@LoopActor
final class OpenDRawCalls: RawCalls {
    let name = "opend"
    private let link: OpenDLink

    init(link: OpenDLink) { self.link = link }

    /// Requests that place, change or end orders.
    private static let orders: Set<String> = ["Trd_PlaceOrder", "Trd_ModifyOrder", "Trd_PlaceComboOrder"]

    /// Requests that change something else, and may go.
    private static let writes: Set<String> = ["Qot_ModifyUserSecurity", "Qot_SetPriceReminder"]

    /// What belongs to the session: its handshake, its subscriptions, its pushes, its lock.
    private static let never: Set<String> = [
        "InitConnect", "KeepAlive", "Verification", "TestCmd", "InitQuantMode", "Qot_Sub", "Qot_RegQotPush",
        "Trd_SubAccPush", "Trd_UnlockTrade",
    ]

    func isWrite(_ call: RawCall) -> Bool {
        let name = protocolName(call)
        return Self.writes.contains(name) || Self.orders.contains(name)
    }

    func permission(_ call: RawCall) -> RawPermission {
        let name = protocolName(call)
        if Self.orders.contains(name) { return .usesOrders }
        guard let known = OpenDProtocol.named(name), known.kind == .request, !Self.never.contains(name) else {
            return .notListed
        }
        return .allowed
    }

    func call(_ call: RawCall, wait: Duration) async throws(BrokerFailure) -> [UInt8] {
        guard let known = OpenDProtocol.named(protocolName(call)), let request = known.request, let reply = known.reply
        else { throw BrokerFailure(.notSupported, "The messages of this request are not known here.") }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue.parse(call.body ?? Array("{}".utf8)) } catch {
            throw BrokerFailure(.invalidRequest, "The body is no JSON.")
        }
        let body: [UInt8]
        do throws(ProtobufError) { body = try Self.body(request, json) } catch {
            throw BrokerFailure(.invalidRequest, "The body is not the request's message: \(error.member).")
        }
        let account = json["header"]?["accID"].flatMap { UInt64($0.stringValue ?? $0.numberText ?? "") }
        do throws(OpenDCallFailure) {
            let packet = try await link.exchange(
                known.id, account.map { .account($0) } ?? .gateway, wait: wait, timeout: OpenDLink.standardTimeout
            ) { _ in body }
            return try Self.data(reply, packet)
        } catch { throw BrokerFailure(error) }
    }

    private func protocolName(_ call: RawCall) -> String { String(call.path.dropFirst()) }

    private static func body<Payload: Message>(
        _ type: Payload.Type, _ json: JSONValue
    ) throws(ProtobufError) -> [UInt8] {
        // A required field that is left out goes as 0 or an empty text.
        OpenDRequest.encode(try Payload(json: json))
    }

    private static func data<Payload: Message>(
        _ type: Payload.Type, _ packet: OpenDPacket
    ) throws(OpenDCallFailure) -> [UInt8] {
        guard let reply = try? OpenDReply<Payload>.decode(packet.body, format: packet.format) else {
            throw .unanswered(BrokerFailure(.badAnswer, "The gateway's answer could not be read."))
        }
        guard reply.isSuccess else {
            throw .refused(OpenDRefusal(result: reply.result, errorCode: reply.errorCode, message: reply.message))
        }
        var json = JSONWriter(capacity: 4096)
        if let payload = reply.payload {
            payload.writeJSON(to: &json)
        } else {
            json.beginObject()
            json.endObject()
        }
        return json.bytes
    }
}

extension ProtobufError {
    /// The member that is wrong, where it is known; never a value.
    fileprivate var member: String {
        switch self {
        case .invalidJSON(let name), .missingRequired(let name): name
        default: "a member of it"
        }
    }
}
