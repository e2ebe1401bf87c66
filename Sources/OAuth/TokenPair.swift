internal import Bytes
public import Clocks
public import Cryptography

/// An access token with what renews it.
public struct TokenPair: Sendable {
    /// Opens the account.
    public var access: Secret
    /// Gives the next pair, once; `nil` if the server gave none.
    public var refresh: Secret?
    /// When the access token ends; `nil` if nobody said.
    public var expires: WallTime?
    /// When the pair was got; `nil` for one that was imported.
    public var obtained: WallTime?
    /// The client it was given to; empty if that is not known.
    public var clientID: String
    /// SHA-256 of the credential of the configuration or the imported file it descends from; `nil` for a login.
    public var origin: [UInt8]?

    /// Renewals that were begun with it and whose answers were never seen, as far as the store knows.
    public var unanswered = 0

    /// One pair.
    public init(
        access: Secret, refresh: Secret?, expires: WallTime?, obtained: WallTime? = nil, clientID: String,
        origin: [UInt8]? = nil
    ) {
        self.access = access
        self.refresh = refresh
        self.expires = expires
        self.obtained = obtained
        self.clientID = clientID
        self.origin = origin
    }

    /// Whether both would be presented alike.
    public func isSame(as other: TokenPair) -> Bool {
        access.withBytes { other.access.matches($0) } && (refresh == nil) == (other.refresh == nil)
            && (refresh?.withBytes { other.refresh?.matches($0) ?? false } ?? true)
    }

    // MARK: The vendor's file

    /// Reads a token file as the vendor's SDK writes it, at most 64 KiB of JSON: `client_id`, `access_token`,
    /// `refresh_token` (or null), `expires_at` in Unix seconds.
    ///
    /// - Source: `longbridge-http`, section 2.6.
    public init?(file bytes: [UInt8]) {
        guard bytes.count <= TokenAnswer.maximumBytes, let object = try? JSONValue.parse(bytes),
            let access = TokenText.checked(object["access_token"]?.stringValue)
        else { return nil }
        let refresh = TokenText.checked(object["refresh_token"]?.stringValue)
        let seconds = object["expires_at"]?.intValue.flatMap { (0...253_402_300_799).contains($0) ? $0 : nil }
        self.init(
            access: Secret(access), refresh: refresh.map { Secret($0) }, expires: seconds.map { WallTime(seconds: $0) },
            clientID: TokenText.checked(object["client_id"]?.stringValue, limit: 1024) ?? "",
            origin: Digest.sha256(bytes))
    }

    // MARK: Kept

    /// For a sealed store.
    ///
    /// - Parameter refusal: why this pair is known to be of no more use; it is kept so that a restart does not try again.
    public func encoded(refusal: String? = nil) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("client_id")
        json.string(clientID)
        json.key("access_token")
        json.string(access.text)
        json.key("refresh_token")
        json.string(refresh?.text)
        json.key("expires_ms")
        json.int(expires?.milliseconds)
        json.key("obtained_ms")
        json.int(obtained?.milliseconds)
        json.key("origin")
        json.string(origin.map { Hex.encode($0) })
        json.key("unanswered")
        json.int(unanswered)
        json.key("refusal")
        json.string(refusal)
        json.endObject()
        return json.bytes
    }

    /// What ``encoded(refusal:)`` gave; `nil` for anything else.
    public static func stored(_ bytes: [UInt8]) -> (pair: TokenPair, refusal: String?)? {
        guard let object = try? JSONValue.parse(bytes), let access = object["access_token"]?.stringValue,
            !access.isEmpty
        else { return nil }
        let refresh = object["refresh_token"]?.stringValue.flatMap { $0.isEmpty ? nil : Secret($0) }
        var pair = TokenPair(
            access: Secret(access), refresh: refresh,
            expires: object["expires_ms"]?.intValue.map { WallTime(milliseconds: $0) },
            obtained: object["obtained_ms"]?.intValue.map { WallTime(milliseconds: $0) },
            clientID: object["client_id"]?.stringValue ?? "",
            origin: object["origin"]?.stringValue.flatMap { Hex.decode($0) })
        pair.unanswered = max(0, object["unanswered"]?.intValue.map { Int(clamping: $0) } ?? 0)
        return (pair, object["refusal"]?.stringValue)
    }
}
