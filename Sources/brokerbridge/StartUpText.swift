internal import Bridge

/// What stdout is told when everything listens: commands that work as printed.
enum StartUpText {
    /// For `serve`. With a demo key the commands hold it; without, only the address is told.
    static func serving(url: String, demoKey: String?) -> String {
        guard let demoKey else { return "BrokerBridge \(BuildInformation.version) serves \(url)\n" }
        let header = "-H 'Authorization: Bearer \(demoKey)'"
        return """
            BrokerBridge \(BuildInformation.version) serves \(url) with a simulated broker.

            Quotes:
              curl -s \(header) '\(url)/v1/quotes?symbols=700.HK,AAPL.US'
            The order book:
              curl -s \(header) '\(url)/v1/depth/700.HK?levels=5'
            Candles:
              curl -s \(header) '\(url)/v1/candles/AAPL.US?interval=1m&limit=5'
            Live quotes, until you press Ctrl-C:
              curl -N \(header) '\(url)/v1/stream?topics=quote:700.HK,quote:AAPL.US'

            The key works for this run only.

            """
    }

    /// For `sandbox`: the vendor's SDK reads these; the other vendor's client is told host and port.
    static func simulating(url: String, environment: [(name: String, value: String)], openDPort: Int?) -> String {
        let lines = environment.map { "  export \($0.name)=\($0.value)" }.joined(separator: "\n")
        return """
            The simulated broker serves \(url). For the vendor's SDK:

            \(lines)

            \(openDPort.map { "The simulated OpenD listens on 127.0.0.1:\($0).\n" } ?? "")
            """
    }

    /// How a client on this machine reaches a listening address: a wildcard address is called by loopback.
    static func url(for address: ListenAddress, isTLS: Bool) -> String {
        let shown: String
        if !address.ip.isUnspecified {
            shown = address.description
        } else {
            shown = address.ip.isVersion6 ? "[::1]:\(address.port)" : "127.0.0.1:\(address.port)"
        }
        return "\(isTLS ? "https" : "http")://\(shown)"
    }
}
