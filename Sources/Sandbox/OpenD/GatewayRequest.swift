internal import OpenDWire
internal import Protobuf

/// One request of a client, not yet read.
struct GatewayRequest: Sendable {
    /// The protocol's number.
    let id: UInt32
    private let packet: OpenDPacket

    init(_ packet: OpenDPacket) {
        id = packet.protocolID
        self.packet = packet
    }

    /// Its payload.
    func read<Payload: Message>(_ type: Payload.Type = Payload.self) throws(GatewayRefusal) -> Payload {
        do throws(OpenDBodyError) {
            return try OpenDRequest.decode(type, from: packet.body, format: packet.format)
        } catch {
            throw .unreadable
        }
    }
}
