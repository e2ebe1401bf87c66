internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// How the token endpoint misbehaves.
struct SandboxOAuthFaults {
    /// Instead of an answer, before anything is granted.
    var failure: (status: Int, times: Int, retryAfter: Int?)?
    /// Answers that are lost after the tokens have been given.
    var drops = 0
    /// How long answers wait after the tokens have been given.
    var delay = Duration.zero

    mutating func takeFailure() -> (status: Int, retryAfter: Int?)? {
        guard let failure, failure.times > 0 else { return nil }
        self.failure?.times -= 1
        return (failure.status, failure.retryAfter)
    }

    mutating func takeDrop() -> Bool {
        guard drops > 0 else { return false }
        drops -= 1
        return true
    }
}

/// The part of the control path that is about authorization: `POST /sandbox/oauth`, `GET /sandbox/oauth`.
extension LongbridgeSandbox {
    func bendAuthorization(_ fields: inout ControlFields) throws(ControlMistake) {
        if let status = try fields.integer("fail_status", 200...599) {
            oauthFaults.failure = (
                status, try fields.integer("fail_times", 0...1_000_000) ?? 1,
                try fields.integer("retry_after", 0...1_000_000)
            )
        }
        if let drops = try fields.integer("drop_answers", 0...1_000_000) { oauthFaults.drops = drops }
        if let delay = try fields.integer("delay_ms", 0...3_600_000) { oauthFaults.delay = .milliseconds(delay) }
        if let life = try fields.integer("expires_in", -1_000_000...1_000_000_000) { oauth.life = Int64(life) }
        if let grace = try fields.integer("grace_ms", 0...3_600_000) { oauth.grace = .milliseconds(grace) }
        if let seconds = try fields.integer("device_interval", 1...60) { oauth.deviceInterval = Int64(seconds) }
        if let text = try fields.text("scopes") { oauth.grantedScopes = text.split(separator: " ").map(String.init) }
        if let isForeign = try fields.boolean("accept_foreign") { oauth.acceptsForeign = isForeign }
        if try fields.boolean("expire") == true { oauth.expireAll(now: clock()) }
        if try fields.boolean("revoke") == true { oauth.revokeAll() }
        if try fields.boolean("forget_clients") == true { oauth.clients = [:] }
        if let id = try fields.text("client_id") {
            let uri = try fields.text("redirect_uri") ?? ""
            _ = oauth.register([uri], name: id, secret: try fields.text("client_secret"), id: id)
        }
    }

    /// A family whose tokens a test writes into a file, as the vendor's SDK would have.
    func authorizationState(to json: inout JSONWriter) {
        let counters = oauth.counters
        for (name, value) in [
            ("registrations", counters.registrations), ("codes", counters.codes), ("refreshes", counters.refreshes),
            ("replays", counters.replays), ("polls", counters.polls), ("token_calls", counters.tokenCalls),
            ("revocations", counters.revocations), ("clients", oauth.clients.count),
            ("families", oauth.families.values.count { !$0.isRevoked }),
        ] {
            json.key(dynamic: name)
            json.int(value)
        }
    }

    /// `GET /v1/token/refresh`: the portal's token gives the next one and is void.
    ///
    /// - Source: `longbridge-http`, section 2.8.
    func renewAccessToken(_ request: HTTPRequest) -> HTTPResponse {
        let asked = request.head.target.query.first { $0.name == "expired_at" }?.value
        guard let end = asked.flatMap({ WallTime(rfc3339: $0) }), end > clock() else {
            return envelope(code: 400_000, message: "expired_at is not valid", status: 400)
        }
        let fresh = "m_sandbox." + Hex.encode(SecureRandom.bytes(24))
        check.credentials.accessToken = fresh
        return envelope(code: 0, message: "success", status: 200) { json in
            json.key("data")
            json.beginObject()
            json.key("token")
            json.string(SandboxDataCenter(calledBy: request.head).prefix + fresh)
            json.key("expired_at")
            json.string(end.rfc3339)
            json.key("issued_at")
            json.string(clock().rfc3339)
            json.key("account_info")
            json.beginObject()
            json.key("member_id")
            json.string("1000001")
            json.key("aaid")
            json.string("20000001")
            json.key("account_channel")
            json.string("lb")
            json.endObject()
            json.endObject()
        }
    }
}
