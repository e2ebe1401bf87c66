internal import Bytes
public import Cryptography

/// A client as the authorization server knows it: configured, or registered by itself.
///
/// - Source: RFC 7591, section 3.2.1; RFC 7592, section 3. The vendor gives public clients no secret.
public struct ClientRegistration: Sendable {
    /// Public.
    public var clientID: String
    /// For a confidential client.
    public var clientSecret: Secret?
    /// The callbacks it was registered with; empty for a configured one, of which nobody told us.
    public var redirectURIs: [String] = []
    /// Manages the registration.
    public var accessToken: Secret?
    /// Where the registration is managed.
    public var managementURL: String?

    /// A configured client.
    public init(clientID: String, clientSecret: Secret? = nil) {
        self.clientID = clientID
        self.clientSecret = clientSecret
    }

    /// Why an answer is no registration.
    public enum Mistake: Error, Equatable {
        /// The server said why not, in the words of RFC 7591.
        case refused(String)
        /// The answer cannot be read.
        case unreadable
    }

    /// The body that registers a public client.
    public static func request(name: String, redirectURI: String, scope: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("client_name")
        json.string(name)
        json.key("redirect_uris")
        json.beginArray()
        json.string(redirectURI)
        json.endArray()
        json.key("grant_types")
        json.beginArray()
        for grant in ["authorization_code", "refresh_token", DeviceGrant.grantType] { json.string(grant) }
        json.endArray()
        json.key("response_types")
        json.beginArray()
        json.string("code")
        json.endArray()
        json.key("token_endpoint_auth_method")
        json.string("none")
        if !scope.isEmpty {
            json.key("scope")
            json.string(scope)
        }
        json.endObject()
        return json.bytes
    }

    /// Reads what the registration endpoint answered.
    public init(status: Int, body: [UInt8], redirectURI: String) throws(Mistake) {
        let object = try? JSONValue.parse(body)
        guard (200...299).contains(status) else {
            throw object?["error"]?.stringValue.map { .refused(TokenText.shown($0)) } ?? .unreadable
        }
        guard let object, let clientID = TokenText.checked(object["client_id"]?.stringValue, limit: 1024) else {
            throw .unreadable
        }
        self.init(
            clientID: clientID, clientSecret: TokenText.checked(object["client_secret"]?.stringValue).map { Secret($0) }
        )
        redirectURIs = [redirectURI]
        accessToken = TokenText.checked(object["registration_access_token"]?.stringValue).map { Secret($0) }
        managementURL = object["registration_client_uri"]?.stringValue.flatMap { WebAddress($0) == nil ? nil : $0 }
    }

    // MARK: Kept

    /// For a sealed store: it holds secrets.
    public func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("client_id")
        json.string(clientID)
        json.key("client_secret")
        json.string(clientSecret?.text)
        json.key("redirect_uris")
        json.beginArray()
        for uri in redirectURIs { json.string(uri) }
        json.endArray()
        json.key("registration_access_token")
        json.string(accessToken?.text)
        json.key("registration_client_uri")
        json.string(managementURL)
        json.endObject()
        return json.bytes
    }

    /// What ``encoded()`` gave; `nil` for anything else.
    public init?(stored bytes: [UInt8]) {
        guard let object = try? JSONValue.parse(bytes), let clientID = object["client_id"]?.stringValue else {
            return nil
        }
        self.init(clientID: clientID, clientSecret: object["client_secret"]?.stringValue.map { Secret($0) })
        redirectURIs = object["redirect_uris"]?.arrayValue?.compactMap(\.stringValue) ?? []
        accessToken = object["registration_access_token"]?.stringValue.map { Secret($0) }
        managementURL = object["registration_client_uri"]?.stringValue
    }
}

extension Secret {
    /// Only for bytes that are sealed next, or sent.
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
