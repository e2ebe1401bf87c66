/// Which web pages of other origins may read answers, by the fetch standard's rules.
///
/// Origins are compared as the browser writes them, whole; `null` and `*` are never granted, nor are credentials.
///
/// - Source: WHATWG Fetch §3.3, and the private network access draft for its preflight.
public struct CORSPolicy: Sendable, Equatable {
    /// Who asks.
    public enum Origin: Sendable, Equatable {
        /// No browser page, or a request for which browsers name none.
        case absent
        /// A page that this server gave out.
        case same
        /// A page of a configured origin.
        case granted
        /// Any other page. Its browser will not show it the answer; a change it asks for should be refused with 403.
        case foreign
    }

    /// Such as `https://app.example.com`.
    public let origins: Set<String>
    /// How browsers reach this server through a proxy, if that is known.
    public let own: String?

    /// A policy that grants `origins`; none grants nobody.
    public init(origins: [String] = [], own: String? = nil) {
        self.origins = Set(origins)
        self.own = own
    }

    /// Who asks. More than one `Origin` is foreign.
    public func origin(of head: HTTPRequestHead, isTLS: Bool) -> Origin {
        let values = head.fields.values(of: "Origin")
        guard let origin = values.first else { return .absent }
        guard values.count == 1, origin != "null" else { return .foreign }
        if origins.contains(origin) { return .granted }
        if origin == own { return .same }
        guard let authority = head.authority?.lowercased() else { return .foreign }
        // Where this side is plain, a proxy in front may do the TLS. The other way round, the page came unprotected.
        return origin == "https://\(authority)" || (!isTLS && origin == "http://\(authority)") ? .same : .foreign
    }

    /// What is added to every answer: `Vary` where the answer could depend on the origin, and the grant.
    public func fields(for head: HTTPRequestHead, isTLS: Bool) -> HTTPFields {
        guard !origins.isEmpty else { return [:] }
        var fields: HTTPFields = ["Vary": "Origin"]
        if origin(of: head, isTLS: isTLS) == .granted, let origin = head.fields["Origin"] {
            fields.append("Access-Control-Allow-Origin", origin)
            fields.append("Access-Control-Expose-Headers", CORSPolicy.exposed)
        }
        return fields
    }

    /// The fields of a 204 to a preflight of a granted origin; `nil` when it is not one, and OPTIONS is answered as ever.
    public func preflight(for head: HTTPRequestHead, isTLS: Bool, allow: String) -> HTTPFields? {
        guard head.method == .options, head.fields.contains("Access-Control-Request-Method"),
            origin(of: head, isTLS: isTLS) == .granted
        else { return nil }
        var fields = self.fields(for: head, isTLS: isTLS)
        fields.append("Access-Control-Allow-Methods", allow)
        fields.append("Access-Control-Allow-Headers", CORSPolicy.accepted)
        fields.append("Access-Control-Max-Age", "600")
        if head.fields["Access-Control-Request-Private-Network"] == "true" {
            fields.append("Access-Control-Allow-Private-Network", "true")
        }
        return fields
    }

    private static let accepted =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, X-Request-Id"
    private static let exposed =
        "ETag, Idempotency-Replayed, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
}
