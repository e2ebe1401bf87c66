public import Clocks
public import Cryptography

/// The logins of one account that wait for a person, and what a callback means to them.
///
/// A flow is used up by the one callback that brings its state and one code. Everything else leaves all flows as they
/// are, so that a page in somebody's browser cannot end a login it does not own.
public struct AuthorizationFlows: Sendable {
    /// One login that waits.
    public struct Flow: Sendable {
        /// Ties the callback to this flow; 256 bits.
        let state: Secret
        /// Shown with the code.
        public let proof: ProofKey
        /// As it stood in the authorization URL.
        public let redirectURI: String
        /// Whom the code is for.
        public let client: ClientRegistration
        /// Whose code is awaited.
        public let server: AuthorizationServer
        /// When it is forgotten.
        public let expires: Instant
    }

    /// Why a callback is refused.
    public enum Refusal: Error, Equatable, Sendable {
        /// A name twice, no state, neither code nor error, or something that is none: nobody's callback.
        case malformed
        /// No flow has this state: foreign, used or expired.
        case unknownState
        /// It comes from another server than the one asked (RFC 9207), or does not say from which though it should.
        case wrongIssuer
        /// The server says the person did not agree, or could not be asked. The word is one of RFC 6749, section 4.1.2.1.
        case denied(String)
    }

    /// Who may be waited for at once; one more ends the oldest.
    static let limit = 8
    /// How long a person may take.
    public static let life = Duration.seconds(600)

    private var flows: [Flow] = []

    /// None.
    public init() {}

    /// Begins to wait and gives the address to open.
    ///
    /// - Parameter random: 64 bytes; other counts are our own error and trap.
    public mutating func begin(
        server: AuthorizationServer, client: ClientRegistration, redirectURI: String, scope: String, random: [UInt8],
        now: Instant
    ) -> (url: String, expires: Instant) {
        precondition(random.count == 64, "a flow is made of 64 bytes")
        let proof = ProofKey(random: Array(random[..<32]))
        let state = ProofKey(random: Array(random[32...])).verifier
        flows.removeAll { $0.expires <= now }
        if flows.count >= AuthorizationFlows.limit { flows.removeFirst() }
        let flow = Flow(
            state: state, proof: proof, redirectURI: redirectURI, client: client, server: server,
            expires: now + AuthorizationFlows.life)
        flows.append(flow)
        let url = server.authorizationURL(
            clientID: client.clientID, redirectURI: redirectURI, scope: scope, state: state.text, proof: proof)
        return (url, flow.expires)
    }

    /// Whether a state is one of a flow that waits.
    public func knows(state: String, now: Instant) -> Bool { index(of: state, now) != nil }

    /// Judges a callback; the flow it gives is used up.
    ///
    /// - Parameter query: decoded names and values, in order.
    public mutating func callback(
        _ query: [(name: String, value: String)], now: Instant
    ) throws(Refusal) -> (flow: Flow, code: Secret) {
        guard Set(query.map(\.name)).count == query.count else { throw .malformed }
        let members = Dictionary(query.map { ($0.name, $0.value) }) { first, _ in first }
        guard let state = TokenText.checked(members["state"], limit: 256) else { throw .malformed }
        guard let index = index(of: state, now) else { throw .unknownState }
        let flow = flows[index]
        if let issuer = members["iss"] {
            guard issuer == flow.server.issuer else { throw .wrongIssuer }
        } else if flow.server.sendsIssuer {
            throw .wrongIssuer
        }
        if let error = members["error"] {
            guard members["code"] == nil, AuthorizationFlows.errors.contains(error) else { throw .malformed }
            throw .denied(error)
        }
        guard let code = TokenText.checked(members["code"], limit: 4096) else { throw .malformed }
        flows.remove(at: index)
        return (flow, Secret(code))
    }

    /// Ends all of them.
    public mutating func removeAll() { flows = [] }

    private func index(of state: String, _ now: Instant) -> Int? {
        flows.firstIndex { $0.expires > now && $0.state.matches(Array(state.utf8)) }
    }

    private static let errors: Set<String> = [
        "invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
        "server_error", "temporarily_unavailable",
    ]
}
