public import Clocks
internal import Cryptography

/// Why nobody was recognised. All but `malformed` are answered alike, so that a caller learns nothing about keys.
public enum KeyFailure: Error, Sendable, Equatable {
    /// No `Authorization` at all.
    case missing
    /// Not one `Bearer` credential of a key's shape: 400 for two headers or a broken one, else 401.
    case malformed
    /// No such key.
    case unknown
    /// Known, and past its time.
    case expired
    /// Known, and used from elsewhere.
    case addressNotAllowed
}

/// The keys the bridge accepts.
///
/// Every comparison looks at every key and every byte, so the time an answer takes does not depend on which key, or how
/// much of one, was right.
public struct KeyRing: Sendable {
    private let keys: [KeyConfiguration]

    /// Names and hashes are taken to be unique.
    public init(_ keys: [KeyConfiguration]) {
        self.keys = keys
    }

    /// How many keys are accepted.
    public var count: Int { keys.count }

    /// Whether a holder accepted earlier would be accepted still, with the same rights; for streams, after a reload.
    public func stillAccepts(_ holder: KeyHolder, now: WallTime) -> Bool {
        keys.contains { KeyHolder($0) == holder && !Self.isExpired($0, now: now) }
    }

    /// The key of that name.
    func key(named name: String) -> KeyConfiguration? { keys.first { $0.name == name } }

    /// The hash of what is presented, if it has the form of a key.
    static func hash(of authorization: [String]) -> [UInt8]? {
        guard authorization.count == 1, let value = authorization.first, let presented = bearer(value) else {
            return nil
        }
        return KeyHash(of: presented).bytes
    }

    /// Whether a key of that hash worked until its end came.
    func hasExpired(hash: [UInt8], now: WallTime) -> Bool {
        var found = false
        for key in keys where constantTimeEquals(key.hash.bytes, hash) { found = Self.isExpired(key, now: now) }
        return found
    }

    /// When the named key stops working; `nil` for never.
    public func expiry(of name: String) -> WallTime? {
        keys.first { $0.name == name }?.expires
    }

    /// Recognises the caller by the values of all its `Authorization` fields.
    ///
    /// - Parameter peer: the client's address; a key bound to addresses is refused without one.
    public func authenticate(_ authorization: [String], peer: IPAddress?, now: WallTime) -> Result<
        KeyHolder, KeyFailure
    > {
        guard let value = authorization.first else { return .failure(.missing) }
        guard authorization.count == 1, let presented = Self.bearer(value) else { return .failure(.malformed) }
        let hash = KeyHash(of: presented).bytes
        var found: KeyConfiguration?
        for key in keys where constantTimeEquals(key.hash.bytes, hash) { found = key }
        guard let found else { return .failure(.unknown) }
        guard !Self.isExpired(found, now: now) else { return .failure(.expired) }
        if let ranges = found.ranges {
            guard let peer, ranges.contains(where: { $0.contains(peer) }) else { return .failure(.addressNotAllowed) }
        }
        return .success(KeyHolder(found))
    }

    /// `Bearer`, in any case, spaces, and the key.
    private static func bearer(_ value: String) -> APIKey? {
        guard value.utf8.count <= 128, let space = value.firstIndex(of: " "), value[..<space].lowercased() == "bearer"
        else {
            return nil
        }
        return APIKey(value[space...].drop { $0 == " " })
    }

    private static func isExpired(_ key: KeyConfiguration, now: WallTime) -> Bool {
        key.expires.map { now >= $0 } ?? false
    }
}
