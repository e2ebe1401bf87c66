public import Protobuf

/// One of the gateway's protocols: a request with its reply, or a push.
public struct OpenDProtocol: Sendable {
    /// Who speaks first.
    public enum Kind: Sendable {
        /// The client asks, the gateway answers once.
        case request
        /// The gateway speaks unasked.
        case push
    }

    /// The number in a packet's header.
    public let id: UInt32
    /// The vendor's name, as the raw route has it: `Qot_GetBasicQot`.
    public let name: String
    /// Who speaks first.
    public let kind: Kind
    /// The payload of the request; `nil` for pushes, and for protocols whose messages are not known here.
    public let request: (any Message.Type)?
    /// The payload of the reply or the push; `nil` for protocols whose messages are not known here.
    public let reply: (any Message.Type)?

    init(
        _ id: UInt32, _ name: String, _ kind: Kind, _ request: (any Message.Type)?, _ reply: (any Message.Type)?
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.request = request
        self.reply = reply
    }

    /// The protocol with that number.
    public static func with(id: UInt32) -> OpenDProtocol? { byID[id] }

    /// The protocol with that name, spelt as the vendor does.
    public static func named(_ name: String) -> OpenDProtocol? { byName[name] }

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
