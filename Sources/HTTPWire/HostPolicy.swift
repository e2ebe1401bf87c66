/// Which hosts a request may be meant for; anything else is answered 421 before it is routed.
///
/// A web page whose name was made to resolve to this machine can send any request here but one with another `Host` than
/// that name. So the names are compared whole, never by prefix or suffix, and with their port.
public struct HostPolicy: Sendable, Equatable {
    /// Names beside the addresses listened on and `localhost`. One without a port is good with the port listened on, and
    /// without any, as behind a proxy on the scheme's own port.
    public let names: Set<HTTPAuthority>

    /// A policy that allows the addresses listened on, `localhost` and `names`.
    public init(names: [HTTPAuthority] = []) {
        self.names = Set(names)
    }

    /// Whether a request for `authority` may be served on a connection that came in at `localIP` and `localPort`.
    /// The address is the connection's own, so that listening on all addresses allows each of them.
    public func allows(_ authority: String?, localIP: String, localPort: Int, isTLS: Bool) -> Bool {
        guard let authority = authority.flatMap(HTTPAuthority.init) else { return false }
        if names.contains(authority) { return true }
        let port = authority.port ?? (isTLS ? 443 : 80)
        if port == localPort, authority.host == localIP.lowercased() || authority.host == "localhost" { return true }
        guard authority.port == nil || authority.port == localPort else { return false }
        return names.contains { $0.port == nil && $0.host == authority.host }
    }
}
