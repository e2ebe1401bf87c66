public import Cryptography
internal import Clocks

/// The simulated market as the gateway sees it, and where the gateway is.
extension LongbridgeSandbox: SimulatedExchange {
    func listing(_ symbol: String) -> SimulatedListing? { answers.market.listing(symbol, at: marketTime) }

    /// How a client of the simulated OpenD connects.
    public struct OpenDAddress: Sendable {
        /// An address of this machine.
        public var host: String
        /// Of the gateway without a key.
        public var port: Int
        /// Of the gateway with a key: InitConnect is RSA there.
        public var sealedPort: Int
        /// The key that both ends of the second one hold, as a PEM text.
        public var privateKey: Secret
        /// What unlocks trading with real money.
        public var tradePassword: Secret
    }

    /// Where the simulated OpenD listens; `nil` when it does not.
    public var openD: OpenDAddress? {
        guard let port = gateway.port, let sealed = gateway.sealedPort, let key = gateway.privateKey else { return nil }
        return OpenDAddress(
            host: "127.0.0.1", port: port, sealedPort: sealed, privateKey: Secret(key),
            tradePassword: Secret(OpenDGateway.tradePassword))
    }
}
