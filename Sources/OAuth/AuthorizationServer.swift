internal import Bytes

/// Where an authorization server does what.
///
/// - Source: RFC 8414 (metadata), RFC 8628 section 4 (device endpoint), RFC 9207 section 3 (`iss`).
public struct AuthorizationServer: Equatable, Sendable {
    /// Who it says it is; compared with `iss` of a callback.
    public var issuer: String
    /// Where a person's browser goes.
    public var authorizationEndpoint: String
    /// Where codes and refresh tokens are exchanged.
    public var tokenEndpoint: String
    /// Where the device grant begins.
    public var deviceEndpoint: String
    /// Where tokens are given back; `nil` where that is not offered.
    public var revocationEndpoint: String?
    /// Where clients register themselves; `nil` where that is not offered.
    public var registrationEndpoint: String?
    /// Whether every callback carries `iss`.
    public var sendsIssuer = false

    /// Why a document is not used.
    public enum Mistake: Error, Equatable {
        /// Not a JSON object, or a required member is missing or no URL.
        case unreadable
        /// An address leads to another host than the one that was asked, or to it without TLS.
        case foreignEndpoint
    }

    /// Where the document stands, below a base without an ending slash.
    public static func documentURL(base: String) -> String { base + "/.well-known/oauth-authorization-server" }

    /// The vendor's addresses below a base, for a server without a document.
    /// - Source: `longbridge-http`, section 2.1.
    public init(base: String) {
        issuer = base
        authorizationEndpoint = base + "/oauth2/authorize"
        tokenEndpoint = base + "/oauth2/token"
        deviceEndpoint = base + "/oauth2/device/authorize"
        revocationEndpoint = base + "/oauth2/revoke"
        registrationEndpoint = base + "/oauth2/register"
    }

    /// Reads a document got from `base`. Codes and tokens go where it says, so every address must be of the host asked;
    /// only the page for people may be elsewhere, and then with TLS.
    public init(document: [UInt8], base: String) throws(Mistake) {
        guard let home = WebAddress(base), let object = try? JSONValue.parse(document), object.objectValue != nil else {
            throw .unreadable
        }
        func own(_ name: String) throws(Mistake) -> String? {
            guard let value = object[name], !value.isNull else { return nil }
            guard let text = value.stringValue, let address = WebAddress(text) else { throw .unreadable }
            guard address.isSameOrigin(as: home) else { throw .foreignEndpoint }
            return text
        }
        self.init(base: base)
        if let issuer = object["issuer"]?.stringValue {
            guard WebAddress(issuer) != nil else { throw .unreadable }
            self.issuer = issuer
        }
        guard let page = object["authorization_endpoint"]?.stringValue, let pageAddress = WebAddress(page),
            let token = try own("token_endpoint")
        else { throw .unreadable }
        guard pageAddress.scheme == "https" || pageAddress.isSameOrigin(as: home) else { throw .foreignEndpoint }
        authorizationEndpoint = page
        tokenEndpoint = token
        if let device = try own("device_authorization_endpoint") { deviceEndpoint = device }
        revocationEndpoint = try own("revocation_endpoint")
        registrationEndpoint = try own("registration_endpoint")
        sendsIssuer = object["authorization_response_iss_parameter_supported"]?.boolValue ?? false
    }

    /// The address a person opens.
    ///
    /// - Parameters:
    ///   - scope: words with blanks between; empty leaves the choice to the server's page.
    public func authorizationURL(
        clientID: String, redirectURI: String, scope: String, state: String, proof: ProofKey
    ) -> String {
        var query = FormBody()
        query.add("response_type", "code")
        query.add("client_id", clientID)
        query.add("redirect_uri", redirectURI)
        if !scope.isEmpty { query.add("scope", scope) }
        query.add("state", state)
        query.add("code_challenge", proof.challenge)
        query.add("code_challenge_method", ProofKey.method)
        let separator = authorizationEndpoint.contains("?") ? "&" : "?"
        return authorizationEndpoint + separator + String(decoding: query.bytes, as: UTF8.self)
    }
}
