internal import Bytes
internal import Clocks
internal import Cryptography

/// The authorization server of the simulated broker: clients, codes, token families, device grants. It is told the time
/// and holds everything in memory.
///
/// A refresh token is good once. One that comes back was stolen or is a replay: its whole family ends, as strict servers
/// do (RFC 9700, section 4.14.2).
struct SandboxOAuth {
    struct Client {
        var redirectURIs: [String]
        var secret: String?
        var registrationToken: String
        var name: String
    }

    struct Code {
        var clientID: String
        var redirectURI: String
        var challenge: String?
        var isPlain: Bool
        var scopes: [String]
        var expires: WallTime
        /// Where the person's account is.
        var center: SandboxDataCenter
        /// What it was exchanged for.
        var family: Int?
    }

    struct Family {
        var clientID: String
        var scopes: [String]
        var center: SandboxDataCenter
        var isRevoked = false
    }

    struct Access {
        var family: Int
        var expires: WallTime
    }

    struct Refresh {
        var family: Int
        var isUsed = false
        /// When it was used first.
        var usedAt: WallTime?
    }

    struct Device {
        var userCode: String
        var clientID: String
        var expires: WallTime
        var interval: Int64
        var lastPoll: WallTime?
        /// `nil` until the person decides.
        var isApproved: Bool?
        /// Where that person's account is.
        var center = SandboxDataCenter.asia
    }

    /// Why something is refused, in the protocol's words.
    struct Refusal: Error, Equatable {
        var status = 400
        var code: String
        var description: String

        init(_ code: String, _ description: String, status: Int = 400) {
            self.code = code
            self.description = description
            self.status = status
        }
    }

    /// What the token endpoint gives.
    struct Grant: Equatable {
        var access: String
        var refresh: String
        var life: Int64
        var scopes: [String]
    }

    /// What tests count.
    struct Counters: Equatable {
        var registrations = 0
        var codes = 0
        var refreshes = 0
        var replays = 0
        var polls = 0
        var tokenCalls = 0
        var revocations = 0
    }

    var clients: [String: Client] = [:]
    var codes: [String: Code] = [:]
    var families: [Int: Family] = [:]
    var accessTokens: [String: Access] = [:]
    var refreshTokens: [String: Refresh] = [:]
    var devices: [String: Device] = [:]
    var counters = Counters()
    /// Seconds an access token lives.
    var life: Int64 = 2_592_000
    /// For so long a refresh token that was used is forgiven and gives another pair, and the pair before stays good: some servers
    /// do that for clients that lose answers. Zero is strict.
    var grace = Duration.zero
    /// What the consent page grants, whatever was asked for: the person decides there.
    var grantedScopes = ["0", "4", "6", "10", "11", "12"]
    var deviceInterval: Int64 = 5
    /// Whether tokens this server did not give open the account: those of another one, in tests of clients.
    var acceptsForeign = false
    private var lastFamily = 0

    /// Entries of a table; a flood of them ends the oldest runs' usefulness, not the process.
    private static let bound = 10_000

    private static func random(_ prefix: String) -> String { prefix + Hex.encode(SecureRandom.bytes(24)) }

    // MARK: Clients

    mutating func register(_ redirectURIs: [String], name: String, secret: String? = nil, id: String? = nil) -> String {
        if clients.count >= SandboxOAuth.bound { clients = [:] }
        let id = id ?? Self.random("cli_")
        clients[id] = Client(
            redirectURIs: redirectURIs, secret: secret, registrationToken: Self.random("rat_"), name: name)
        counters.registrations += 1
        return id
    }

    private func authenticate(_ id: String?, _ secret: String?) throws(Refusal) -> Client {
        guard let id, let client = clients[id] else {
            throw Refusal("invalid_client", "unknown client", status: 401)
        }
        if let expected = client.secret {
            guard let secret, constantTimeEquals(Array(secret.utf8), Array(expected.utf8)) else {
                throw Refusal("invalid_client", "wrong client secret", status: 401)
            }
        }
        return client
    }

    // MARK: Codes

    /// Whether an authorization request may be shown to a person: `nil` if so.
    func mistake(clientID: String?, redirectURI: String?) -> String? {
        guard let clientID, let client = clients[clientID] else { return "unknown client" }
        guard let redirectURI, client.redirectURIs.contains(redirectURI) else { return "unregistered redirect_uri" }
        return nil
    }

    /// The person agreed.
    mutating func approve(
        clientID: String, redirectURI: String, challenge: String?, isPlain: Bool, center: SandboxDataCenter,
        now: WallTime
    ) -> String {
        if codes.count >= SandboxOAuth.bound { codes = [:] }
        let code = Self.random("\(center.prefix)ac_")
        codes[code] = Code(
            clientID: clientID, redirectURI: redirectURI, challenge: challenge, isPlain: isPlain,
            scopes: grantedScopes, expires: now + .seconds(300), center: center)
        return code
    }

    mutating func exchange(
        code: String?, clientID: String?, secret: String?, redirectURI: String?, verifier: String?, now: WallTime
    ) throws(Refusal) -> Grant {
        _ = try authenticate(clientID, secret)
        guard let code, let known = codes[code], known.clientID == clientID else {
            throw Refusal("invalid_grant", "unknown code")
        }
        if let family = known.family {
            revoke(family)
            throw Refusal("invalid_grant", "the code was used before")
        }
        guard now < known.expires else { throw Refusal("invalid_grant", "the code has expired") }
        guard known.redirectURI == redirectURI else { throw Refusal("invalid_grant", "another redirect_uri") }
        if let challenge = known.challenge {
            guard let verifier, (43...128).contains(verifier.utf8.count) else {
                throw Refusal("invalid_request", "code_verifier is missing")
            }
            let made = known.isPlain ? verifier : Base64URL.encode(Digest.sha256(Array(verifier.utf8)))
            guard constantTimeEquals(Array(made.utf8), Array(challenge.utf8)) else {
                throw Refusal("invalid_grant", "wrong code_verifier")
            }
        }
        counters.codes += 1
        let family = begin(known.clientID, known.scopes, known.center)
        codes[code]?.family = family
        return issue(family, now: now)
    }

    // MARK: Families

    private mutating func begin(_ clientID: String, _ scopes: [String], _ center: SandboxDataCenter) -> Int {
        lastFamily += 1
        families[lastFamily] = Family(clientID: clientID, scopes: scopes, center: center)
        return lastFamily
    }

    private mutating func issue(_ family: Int, now: WallTime) -> Grant {
        if accessTokens.count >= SandboxOAuth.bound { accessTokens = [:] }
        if refreshTokens.count >= SandboxOAuth.bound { refreshTokens = [:] }
        let center = families[family]?.center ?? .asia
        let access = Self.random(center == .unitedStates ? "us_m_" : "hk_m_")
        let refresh = Self.random("\(center.prefix)rt_")
        accessTokens[access] = Access(family: family, expires: now + .seconds(life))
        refreshTokens[refresh] = Refresh(family: family)
        return Grant(access: access, refresh: refresh, life: life, scopes: families[family]?.scopes ?? [])
    }

    mutating func refresh(
        _ token: String?, clientID: String?, secret: String?, now: WallTime
    ) throws(Refusal) -> Grant {
        _ = try authenticate(clientID, secret)
        guard let token, let known = refreshTokens[token], let family = families[known.family],
            family.clientID == clientID
        else { throw Refusal("invalid_grant", "unknown refresh token") }
        let isForgiven = known.usedAt.map { now - $0 < grace } ?? false
        guard !known.isUsed || isForgiven else {
            counters.replays += 1
            revoke(known.family)
            throw Refusal("invalid_grant", "the refresh token was used before")
        }
        guard !family.isRevoked else { throw Refusal("invalid_grant", "revoked") }
        refreshTokens[token]?.isUsed = true
        refreshTokens[token]?.usedAt = known.usedAt ?? now
        if grace == .zero {
            for (text, access) in accessTokens where access.family == known.family { accessTokens[text] = nil }
        }
        counters.refreshes += 1
        return issue(known.family, now: now)
    }

    mutating func revoke(_ family: Int) {
        families[family]?.isRevoked = true
        accessTokens = accessTokens.filter { $0.value.family != family }
    }

    /// RFC 7009: unknown tokens are no error.
    mutating func revoke(token: String) {
        counters.revocations += 1
        if let family = refreshTokens[token]?.family ?? accessTokens[token]?.family { revoke(family) }
    }

    /// Every family ends, as when the person withdraws the consent.
    mutating func revokeAll() {
        for family in families.keys { revoke(family) }
    }

    /// Every access token ends now; refresh tokens stay good.
    mutating func expireAll(now: WallTime) {
        for text in accessTokens.keys { accessTokens[text]?.expires = now }
    }

    /// What a bearer token may do, or the vendor's code for why it may nothing.
    func scopes(of token: String, now: WallTime) -> Result<[String], SandboxRequestCheck.Refusal> {
        if acceptsForeign, accessTokens[token] == nil { return .success(grantedScopes) }
        guard let access = accessTokens[token], let family = families[access.family], !family.isRevoked else {
            return .failure(.init(status: 401, code: 401_004, message: "token invalid"))
        }
        guard now < access.expires else {
            return .failure(.init(status: 401, code: 401_003, message: "token expired"))
        }
        return .success(family.scopes)
    }

    // MARK: Device grants

    mutating func beginDevice(
        clientID: String?, secret: String?, now: WallTime
    ) throws(Refusal) -> (code: String, device: Device) {
        _ = try authenticate(clientID, secret)
        if devices.count >= SandboxOAuth.bound { devices = [:] }
        let code = Self.random("dc_")
        let letters = Array("BCDFGHJKLMNPQRSTVWXZ")
        let user = SecureRandom.bytes(8).map { letters[Int($0) % letters.count] }
        let device = Device(
            userCode: String(user[..<4]) + "-" + String(user[4...]), clientID: clientID ?? "",
            expires: now + .seconds(300), interval: deviceInterval)
        devices[code] = device
        return (code, device)
    }

    /// The person decided; `false` for an unknown code.
    mutating func decide(userCode: String, isApproved: Bool, center: SandboxDataCenter) -> Bool {
        guard let code = devices.first(where: { $0.value.userCode == userCode })?.key else { return false }
        devices[code]?.isApproved = isApproved
        devices[code]?.center = center
        return true
    }

    /// Asked at the other data centre, it knows of no decision.
    mutating func poll(
        _ code: String?, clientID: String?, secret: String?, at center: SandboxDataCenter, now: WallTime
    ) throws(Refusal) -> Grant {
        _ = try authenticate(clientID, secret)
        counters.polls += 1
        guard let code, let device = devices[code], device.clientID == clientID else {
            throw Refusal("invalid_grant", "unknown device code")
        }
        guard now < device.expires else { throw Refusal("expired_token", "the codes have expired") }
        devices[code]?.lastPoll = now
        if let last = device.lastPoll, now - last < .seconds(device.interval) - .milliseconds(100) {
            devices[code]?.interval += 5
            throw Refusal("slow_down", "too fast")
        }
        guard let isApproved = device.isApproved, device.center == center else {
            throw Refusal("authorization_pending", "not decided yet")
        }
        devices[code] = nil
        guard isApproved else { throw Refusal("access_denied", "the person said no") }
        return issue(begin(device.clientID, grantedScopes, center), now: now)
    }
}
