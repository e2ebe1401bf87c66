internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import OAuth

/// Logins of one account: by a browser that comes back, or by a code on another machine.
@LoopActor
final class LongbridgeAuthorizer: BrokerAuthorizer {
    /// A device grant, and what is done for it.
    private struct Device {
        var grant: DeviceGrant
        var authorization: DeviceGrant.Authorization
        var login: DeviceLogin
        var polling: Task<Void, Never>?
        let forgotten: Instant
    }

    private let client: OAuthClient
    private let keeper: TokenKeeper
    private var flows = AuthorizationFlows()
    private var devices: [String: Device] = [:]
    private var revoking: [Task<Void, Never>] = []
    /// The tokens were given up.
    var onForgotten: (() -> Void)?

    /// Device grants at once, and how long an ended one can still be asked about.
    private static let deviceLimit = 4
    private static let deviceMemory = Duration.seconds(600)

    init(client: OAuthClient, keeper: TokenKeeper) {
        self.client = client
        self.keeper = keeper
    }

    func stop() {
        for device in devices.values { device.polling?.cancel() }
        for task in revoking { task.cancel() }
    }

    // MARK: A browser

    func authorize(redirectURI: String) async throws(BrokerFailure) -> AuthorizationRequest {
        do throws(OAuthClient.Failure) {
            let server = try await client.server()
            let registered = try await client.client(redirectURI: redirectURI)
            let now = Instant.now()
            let begun = flows.begin(
                server: server, client: registered, redirectURI: redirectURI, scope: client.scope,
                random: SecureRandom.bytes(64), now: now)
            return AuthorizationRequest(url: begun.url, expires: WallTime.now() + (begun.expires - now))
        } catch {
            throw BrokerFailure(error)
        }
    }

    func awaits(state: String) -> Bool { flows.knows(state: state, now: .now()) }

    func callback(_ query: [(name: String, value: String)]) async -> CallbackOutcome {
        let flow: AuthorizationFlows.Flow
        let code: Secret
        do throws(AuthorizationFlows.Refusal) { (flow, code) = try flows.callback(query, now: .now()) } catch {
            switch error {
            case .malformed: return .refused("not a callback")
            case .unknownState: return .refused("no login waits for it")
            case .wrongIssuer: return .refused("it comes from another server")
            case .denied(let word): return .refused("the server says \(word)")
            }
        }
        // The browser may leave; the code is good once, so its exchange goes on without it.
        let exchange = spawn { [client, keeper] () async -> CallbackOutcome in
            switch await client.exchange(flow, code: code) {
            case .answered(.granted(let grant)):
                keeper.authorized(grant, clientID: flow.client.clientID)
                await keeper.settle(within: .seconds(10))
                return .authorized
            case .answered(.refused(let refusal)):
                if refusal.code == .invalidClient { await client.forgetRegistration() }
                return .failed("the authorization server refused the code: \(refusal.code.rawValue)")
            case .answered(.unavailable(let reason, _)):
                return .failed("the authorization server gave \(reason)")
            case .lost(let reason), .notSent(let reason): return .failed(reason)
            }
        }
        return await exchange.value
    }

    // MARK: A code

    func authorizeDevice(redirectURI: String) async throws(BrokerFailure) -> DeviceLogin {
        let now = Instant.now()
        devices = devices.filter { $0.value.forgotten > now }
        guard devices.values.count(where: { $0.login.state == .pending }) < LongbridgeAuthorizer.deviceLimit else {
            throw BrokerFailure(
                .rateLimited, "Too many device logins wait already.", retryAfter: .seconds(60))
        }
        let authorization: DeviceGrant.Authorization
        let registered: ClientRegistration
        do throws(OAuthClient.Failure) {
            registered = try await client.client(redirectURI: redirectURI)
            authorization = try await client.authorizeDevice(registered)
        } catch {
            throw BrokerFailure(error)
        }
        let id = Base64URL.encode(SecureRandom.bytes(16))
        let login = DeviceLogin(
            id: id, verificationURI: authorization.verificationURI,
            verificationURIComplete: authorization.verificationURIComplete, userCode: authorization.userCode,
            expires: WallTime.now() + authorization.life, interval: authorization.interval)
        devices[id] = Device(
            grant: DeviceGrant(authorization, now: now), authorization: authorization, login: login,
            forgotten: now + authorization.life + LongbridgeAuthorizer.deviceMemory)
        devices[id]?.polling = spawn { [weak self] in await self?.poll(id, registered) }
        return login
    }

    func device(_ id: String) -> DeviceLogin? { devices[id]?.login }

    /// The data centres take turns, so that neither is asked more often than it allows.
    ///
    /// - Source: `longbridge-http`, section 2.7: the vendor's own tool asks both.
    private func poll(_ id: String, _ registered: ClientRegistration) async {
        var isAsiasTurn = true
        while let device = devices[id], let due = device.grant.nextPoll {
            do throws(CancellationError) { try await sleep(for: min(due, device.grant.expires) - .now()) } catch {
                return
            }
            guard devices[id]?.grant.timePassed(now: .now()) == .waiting else { break }
            let center = isAsiasTurn ? DataCenter.asia : DataCenter.unitedStates
            var answer: TokenAnswer?
            if case .answered(let given) = await client.poll(device.authorization, registered, at: center) {
                answer = isAsiasTurn ? given : given.ofAnotherDataCenter
            }
            isAsiasTurn.toggle()
            guard case .take(let grant) = devices[id]?.grant.polled(answer, now: .now()) else { continue }
            keeper.authorized(grant, clientID: registered.clientID)
            await keeper.settle(within: .seconds(10))
        }
        switch devices[id]?.grant.state {
        case .granted: devices[id]?.login.state = .authorized
        case .denied("access_denied"): devices[id]?.login.state = .denied
        case .denied(let word):
            devices[id]?.login.state = .failed
            devices[id]?.login.reason = "the authorization server says \(word)"
        case .expired, .waiting: devices[id]?.login.state = .expired
        case nil: break
        }
    }

    // MARK: Tokens

    func refresh() async throws(BrokerFailure) { try await keeper.renewNow() }

    func forget() async throws(BrokerFailure) {
        flows.removeAll()
        let pair = keeper.forget()
        onForgotten?()
        guard let pair else { return }
        revoking.append(spawn { [client] in await client.revoke(pair) })
        if revoking.count > 8 { revoking.removeFirst() }
    }
}

/// The renewal of a portal's token: there is nothing to log in to.
@LoopActor
final class AccessTokenAuthorizer: BrokerAuthorizer {
    private let keeper: TokenKeeper

    init(keeper: TokenKeeper) {
        self.keeper = keeper
    }

    private static let noLogins = BrokerFailure(
        .notSupported, "The account is opened by an API key of the developer portal; there is nothing to log in to.")

    func authorize(redirectURI: String) async throws(BrokerFailure) -> AuthorizationRequest { throw Self.noLogins }
    func awaits(state: String) -> Bool { false }
    func callback(_ query: [(name: String, value: String)]) async -> CallbackOutcome {
        .refused("no login waits for it")
    }
    func authorizeDevice(redirectURI: String) async throws(BrokerFailure) -> DeviceLogin { throw Self.noLogins }
    func device(_ id: String) -> DeviceLogin? { nil }
    func refresh() async throws(BrokerFailure) { try await keeper.renewNow() }
    func forget() async throws(BrokerFailure) { throw Self.noLogins }
}

extension TokenKeeper {
    /// Renews, or joins a renewal under way, and waits for the outcome.
    func renewNow() async throws(BrokerFailure) {
        start()
        if !isLoaded { await settle(within: .seconds(10)) }
        let before = adoptions
        guard renew() else { throw BrokerFailure(.authorizationRequired, "There is no token to renew: \(advice).") }
        await settle(within: .seconds(65))
        guard adoptions > before else {
            throw standing == .authorizationRequired
                ? BrokerFailure(.authorizationRequired, "The token could not be renewed: \(lastError ?? advice).")
                : BrokerFailure(.connectionLost, "The token could not be renewed yet: \(lastError ?? "no answer").")
        }
    }
}

extension BrokerFailure {
    fileprivate init(_ failure: OAuthClient.Failure) {
        self.init(
            failure.isTransient ? .connectionLost : .badAnswer, "No login could be begun: \(failure.text).",
            upstream: Upstream(broker: "longbridge"))
    }
}

extension TokenAnswer {
    /// The same from a data centre that need not know the code: only a decision of the person's counts there.
    fileprivate var ofAnotherDataCenter: TokenAnswer {
        switch self {
        case .refused(let refusal):
            switch refusal.code {
            case .accessDenied, .slowDown, .authorizationPending: self
            default: .refused(Refusal(code: .authorizationPending))
            }
        case .granted, .unavailable: self
        }
    }
}
