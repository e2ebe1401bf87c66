internal import BrokerModel
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPCalling
internal import LongbridgeWire

/// The vendor's HTTP API: signs calls and reads their envelope.
@LoopActor
final class LongbridgeGateway {
    /// What `GET /v1/socket/token` gives.
    struct SocketPassword {
        var password: String
        var limit: Int64
        var online: Int64
    }

    /// Why a call gave no data.
    enum Failure: Error {
        /// An envelope with a code other than 0.
        case refused(code: Int64, message: String, traceID: String?, status: Int)
        /// No envelope, or none that can be read; what a load balancer answers has this form.
        case unreadable(status: Int, retryAfter: Duration? = nil)
        case call(HTTPCallError)
        /// There is nothing to present; nothing was sent.
        case credential(CredentialFailure)
    }

    private let settings: LongbridgeAccountSettings
    private let caller: HTTPCaller
    private var timestamps = SignatureTimestamps()
    private var serverClock = ServerClock()
    /// Set once, before the first call.
    var credentials: (any CredentialProviding)?

    init(_ settings: LongbridgeAccountSettings, caller: HTTPCaller) {
        self.settings = settings
        self.caller = caller
    }

    /// `ap` or `us`, by the credential in use.
    var dataCenter: String { credentials?.dataCenter ?? "ap" }

    /// A one-time password for a socket.
    func socketPassword() async throws(Failure) -> SocketPassword {
        let data = try await call(GatewayCall("/v1/socket/token", deadline: .seconds(10)))
        guard let password = data["otp"]?.stringValue, let limit = data["limit"]?.intValue,
            let online = data["online"]?.intValue
        else { throw .unreadable(status: 200) }
        return SocketPassword(password: password, limit: limit, online: online)
    }

    /// Makes a call and gives its `data`.
    ///
    /// A call goes out a second time only where the first was provably not taken: its token had ended, and there is
    /// another now; or its signature was refused because the clocks differ.
    func call(_ call: GatewayCall) async throws(Failure) -> JSONValue {
        let credential = try await credential(within: call.deadline)
        do throws(Failure) { return try await self.call(call, presenting: credential) } catch {
            // Only the broker's own words say that a write was not carried out; a page on the way may say anything.
            guard error.endsToken(of: credential), call.method == "GET" || error.isOfTheBroker else { throw error }
            credentials?.rejected(credential)
            let next = try await self.credential(within: call.deadline)
            guard next.generation != credential.generation else { throw error }
            try? await sleep(for: TradeLimits.gap)
            return try await self.call(call, presenting: next)
        }
    }

    private func credential(within limit: Duration) async throws(Failure) -> LongbridgeCredential {
        guard let credentials else { throw .credential(.cancelled) }
        do throws(CredentialFailure) { return try await credentials.credential(within: limit) } catch {
            throw .credential(error)
        }
    }

    /// Makes a call with a credential at hand.
    func call(_ call: GatewayCall, presenting credential: LongbridgeCredential) async throws(Failure) -> JSONValue {
        let before = serverClock.offset
        do throws(Failure) { return try await attempt(call, credential) } catch {
            // The answer has just said by how much the clocks differ.
            guard case .refused(Failure.signatureInvalid, _, _, _) = error, serverClock.offset != before else {
                throw error
            }
            try? await sleep(for: TradeLimits.gap)
            return try await attempt(call, credential)
        }
    }

    private func attempt(_ call: GatewayCall, _ credential: LongbridgeCredential) async throws(Failure) -> JSONValue {
        let url = settings.httpURL + call.target
        var fields = [
            ("accept-language", settings.language), ("content-type", "application/json; charset=utf-8"),
            ("x-dc-region", credential.dataCenter),
        ]
        // The broker refuses it when the token is of a live account: orders of a paper account then fail early.
        if settings.environment == .paper { fields.append(("x-papertrading", "true")) }
        fields += proof(call, url, credential)
        let result: HTTPCallResult
        do throws(HTTPCallError) {
            result = try await caller.call(
                HTTPCall(
                    method: call.method, url: url,
                    fields: fields, body: call.body, deadline: call.deadline,
                    maximumResponseBytes: call.maximumResponseBytes))
        } catch {
            throw .call(error)
        }
        serverClock.learn(date: result.field("date"), now: .now())
        return try Self.data(of: result, isNeeded: call.needsData)
    }

    /// What says who calls: a signature over everything sent, or a bearer token.
    private func proof(_ call: GatewayCall, _ url: String, _ credential: LongbridgeCredential) -> [(String, String)] {
        let timestamp = timestamps.next(now: serverClock.time(.now()))
        let token = credential.token.withBytes { String(decoding: $0, as: UTF8.self) }
        switch credential.form {
        case .bearer(let clientID):
            return [("x-api-key", clientID), ("authorization", "Bearer \(token)"), ("x-timestamp", timestamp)]
        case .apiKey(let key, let secret):
            // What is signed is the path as sent: everything behind the authority.
            let target = url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
            let signature = RequestSignature.sign(
                SignableRequest(method: call.method, target: String(target), body: call.body ?? []),
                token: credential.token, key: key, secret: secret, timestamp: timestamp)
            return [
                ("x-api-key", key), ("authorization", token), ("x-timestamp", timestamp),
                ("x-api-signature", signature.headerValue),
            ]
        }
    }

    /// The `data` of an envelope. The HTTP status counts only where there is no envelope: section 1.4.
    private static func data(of result: HTTPCallResult, isNeeded: Bool) throws(Failure) -> JSONValue {
        guard let envelope = try? JSONValue.parse(result.body), let code = envelope["code"]?.intValue,
            let message = envelope["message"]?.stringValue
        else {
            let wait = result.field("retry-after").flatMap { Int64($0) }.map { Duration.seconds(min(max($0, 1), 3600)) }
            throw .unreadable(status: result.status, retryAfter: wait)
        }
        guard code == 0 else {
            throw .refused(
                code: code, message: message, traceID: result.field("x-trace-id"), status: result.status)
        }
        guard let data = envelope["data"], !data.isNull else {
            guard isNeeded else { return .object(JSONObject()) }
            throw .unreadable(status: result.status)
        }
        return data
    }
}

extension LongbridgeGateway.Failure {
    /// What it means for the session.
    ///
    /// - Source: `longbridge-http`, section 1.6: 401xxx, 403201, 403203 and 403205 do not pass by themselves. 403202 (a
    ///   repeated signature) and everything of the network do.
    var passwordFailure: QuoteSessionStateMachine.PasswordFailure {
        switch self {
        case .refused(let code, _, _, _):
            (401_000...401_999).contains(code) || [Self.signatureInvalid, 403_203, 403_205].contains(code)
                ? .credentialsRefused : .transient
        case .credential(.authorizationRequired): .credentialsRefused
        case .unreadable, .call, .credential: .transient
        }
    }

    /// Whether it says that the token has ended, so that another one may do.
    ///
    /// - Source: `longbridge-http`, section 1.6. A login's token that is unknown or whose key is unknown (401004, 401102)
    ///   may be renewed too; one of the developer portal may not.
    func endsToken(of credential: LongbridgeCredential) -> Bool {
        switch (self, credential.form) {
        case (.refused(401_003, _, _, _), _): true
        case (.refused(401_004, _, _, _), .bearer), (.refused(401_102, _, _, _), .bearer),
            (.unreadable(status: 401, _), .bearer):
            true
        case (.refused, _), (.unreadable, _), (.call, _), (.credential, _): false
        }
    }

    /// Whether the broker has refused the credentials themselves; without any, nothing was asked.
    var isRefusedCredential: Bool { isOfTheBroker && passwordFailure == .credentialsRefused }

    /// Whether it is an envelope of the broker's.
    var isOfTheBroker: Bool {
        if case .refused = self { true } else { false }
    }

    /// The code of a signature that does not verify: wrong secret, or clocks that differ.
    static let signatureInvalid: Int64 = 403_201

    /// One line for people; no token, key, host or path.
    var text: String {
        switch self {
        case .refused(let code, let message, let trace, _):
            "the broker refused: \(code) \(message.prefix(200))" + (trace.map { " (trace \($0.prefix(64)))" } ?? "")
        case .unreadable(let status, _): "the broker's answer could not be read (HTTP \(status))"
        case .call(.notSent(let reason)): "not reachable: \(reason)"
        case .call(.timedOut): "no answer in time"
        case .call(.tooLarge): "the answer is too large"
        case .call(.cancelled): "cancelled"
        case .call(.failed(let reason)): "the connection failed: \(reason)"
        case .credential(.authorizationRequired(let text)): text
        case .credential(.notNow(let text, _)): text
        case .credential(.cancelled): "stopped"
        }
    }
}
