/// A request that is answered with a failure. The numbers are the gateway's, the words ours.
struct GatewayRefusal: Error, Equatable {
    /// -1 unless said otherwise.
    var result: Int32 = -1
    var message: String
    var errorCode: Int32?

    init(_ message: String, result: Int32 = -1, errorCode: Int32? = nil) {
        self.message = message
        self.result = result
        self.errorCode = errorCode
    }

    static let unknownProtocol = GatewayRefusal("Unknown protocol ID")
    static let unsupported = GatewayRefusal("The simulation does not serve this protocol")
    static let unreadable = GatewayRefusal("Protobuf parsing failed")
    static let invalidPacket = GatewayRefusal("The body does not match its digest", result: -500)
    static let notInitialized = GatewayRefusal("InitConnect is required first")
    static let tooFrequent = GatewayRefusal("High frequency request: try again later")
    static let notSubscribed = GatewayRefusal("Subscribe to the security first")
    static let notLoggedIn = GatewayRefusal("The gateway is not logged in", result: -200)
    static let unknownAccount = GatewayRefusal("The account does not exist")
    static let tooMany = GatewayRefusal("Too many securities in one request")

    static func unknown(_ code: GatewayCode) -> GatewayRefusal { GatewayRefusal("Unknown stock \(code.text)") }
    static func invalid(_ what: String) -> GatewayRefusal { GatewayRefusal("Invalid parameter: \(what)") }
}
