internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPCalling
internal import OAuth
internal import Storage

/// Talks to the authorization server. Decides nothing; nothing it is given or gets is ever printed.
@LoopActor
final class OAuthClient {
    /// What became of a request for tokens.
    enum Outcome: Sendable {
        /// The endpoint answered, in whatever way.
        case answered(TokenAnswer)
        /// It may have been carried out; no answer came.
        case lost(String)
        /// Nothing was sent.
        case notSent(String)
    }

    /// Why something besides tokens is not to be had; for people.
    struct Failure: Error {
        var text: String
        /// Whether the same may succeed later.
        var isTransient: Bool
    }

    let base: String
    private let settings: LongbridgeOAuth
    private let alias: String
    private let caller: HTTPCaller
    private let store: any SecretKeeping
    private var discovered: (server: AuthorizationServer, at: Instant)?
    private var registered: ClientRegistration?

    /// How long a discovery document is believed.
    private static let documentLife = Duration.seconds(3600)
    private static let deadline = Duration.seconds(30)

    init(_ settings: LongbridgeOAuth, base: String, alias: String, caller: HTTPCaller, store: any SecretKeeping) {
        self.settings = settings
        self.base = base
        self.alias = alias
        self.caller = caller
        self.store = store
    }

    var scope: String { settings.scopes.joined(separator: " ") }

    // MARK: Who and where

    /// The server's addresses: as its document says, or the vendor's usual ones if it has none.
    func server() async throws(Failure) -> AuthorizationServer {
        if let discovered, Instant.now() - discovered.at < OAuthClient.documentLife { return discovered.server }
        let result: HTTPCallResult
        do throws(HTTPCallError) {
            result = try await caller.call(
                HTTPCall(
                    url: AuthorizationServer.documentURL(base: base), fields: [("accept", "application/json")],
                    deadline: .seconds(10), maximumResponseBytes: TokenAnswer.maximumBytes))
        } catch {
            // What was learnt before is better than nothing.
            if let discovered { return discovered.server }
            throw Failure(text: "the authorization server cannot be reached", isTransient: true)
        }
        let server: AuthorizationServer
        switch result.status {
        case 200:
            do throws(AuthorizationServer.Mistake) {
                server = try AuthorizationServer(document: result.body, base: base)
            } catch {
                let text =
                    "the authorization server's document \(error == .unreadable ? "cannot be read" : "leads elsewhere")"
                throw Failure(text: text, isTransient: false)
            }
        case 404, 405: server = AuthorizationServer(base: base)
        default:
            if let discovered { return discovered.server }
            throw Failure(text: "the authorization server answered HTTP \(result.status)", isTransient: true)
        }
        discovered = (server, .now())
        return server
    }

    /// The client: configured, kept from an earlier registration for the same callback, or registered now.
    func client(redirectURI: String) async throws(Failure) -> ClientRegistration {
        if let configured { return configured }
        if registered == nil {
            registered = (try? await store.read(.client, of: alias)).flatMap { $0 }.flatMap(
                ClientRegistration.init(stored:))
        }
        if let registered, registered.redirectURIs.contains(redirectURI) { return registered }
        let server = try await server()
        guard let endpoint = server.registrationEndpoint else {
            throw Failure(
                text: "the authorization server registers no clients: configure a client_id", isTransient: false)
        }
        let body = ClientRegistration.request(name: "BrokerBridge", redirectURI: redirectURI, scope: scope)
        let result = try await post(endpoint, body, type: "application/json", dataCenter: nil)
        let fresh: ClientRegistration
        do throws(ClientRegistration.Mistake) {
            fresh = try ClientRegistration(status: result.status, body: result.body, redirectURI: redirectURI)
        } catch {
            switch error {
            case .refused(let code): throw Failure(text: "the registration was refused: \(code)", isTransient: false)
            case .unreadable:
                throw Failure(
                    text: "the registration was answered with HTTP \(result.status) and nothing usable",
                    isTransient: result.status >= 500)
            }
        }
        // Without it on the disk, tokens of this client could not be renewed after a restart.
        do throws(SealedStoreError) { try await store.write(fresh.encoded(), .client, of: alias) } catch {
            throw Failure(text: "the registration could not be stored: \(error)", isTransient: true)
        }
        registered = fresh
        return fresh
    }

    /// The server no longer knows the client: the next login registers anew.
    func forgetRegistration() async {
        registered = nil
        try? await store.remove(.client, of: alias)
    }

    private var configured: ClientRegistration? {
        settings.clientID.map { ClientRegistration(clientID: $0, clientSecret: settings.clientSecret) }
    }

    /// The secret of a client by its id, if it has one.
    private func secret(of clientID: String) async -> Secret? {
        if let configured, configured.clientID == clientID { return configured.clientSecret }
        if registered == nil {
            registered = (try? await store.read(.client, of: alias)).flatMap { $0 }.flatMap(
                ClientRegistration.init(stored:))
        }
        return registered?.clientID == clientID ? registered?.clientSecret : nil
    }

    // MARK: Tokens

    /// Exchanges a code for tokens. A code is good once, so a lost answer is not asked for again.
    func exchange(_ flow: AuthorizationFlows.Flow, code: Secret) async -> Outcome {
        var form = FormBody()
        form.add("grant_type", "authorization_code")
        form.add("client_id", flow.client.clientID)
        form.add("redirect_uri", flow.redirectURI)
        form.add("code", code)
        form.add("code_verifier", flow.proof.verifier)
        if let secret = flow.client.clientSecret { form.add("client_secret", secret) }
        return await tokens(flow.server.tokenEndpoint, form, [code])
    }

    /// Asks for the next pair.
    func refresh(_ pair: TokenPair) async -> Outcome {
        guard let refresh = pair.refresh else { return .notSent("there is no refresh token") }
        let server: AuthorizationServer
        do throws(Failure) { server = try await self.server() } catch { return .notSent(error.text) }
        var form = FormBody()
        form.add("grant_type", "refresh_token")
        form.add("client_id", pair.clientID)
        form.add("refresh_token", refresh)
        if let secret = await secret(of: pair.clientID) { form.add("client_secret", secret) }
        return await tokens(server.tokenEndpoint, form, [pair.access, refresh])
    }

    /// Begins a device grant.
    func authorizeDevice(_ client: ClientRegistration) async throws(Failure) -> DeviceGrant.Authorization {
        var form = FormBody()
        form.add("client_id", client.clientID)
        if !scope.isEmpty { form.add("scope", scope) }
        if let secret = client.clientSecret { form.add("client_secret", secret) }
        let result = try await post(try await server().deviceEndpoint, form.bytes, type: Self.formType, dataCenter: nil)
        guard let authorization = DeviceGrant.authorization(status: result.status, body: result.body) else {
            if case .refused(let refusal) = TokenAnswer(status: result.status, body: result.body),
                refusal.code == .invalidClient
            {
                await forgetRegistration()
            }
            throw Failure(
                text: "the device grant was answered with HTTP \(result.status) and nothing usable",
                isTransient: result.status >= 500)
        }
        return authorization
    }

    /// Asks one of the data centres whether the person has typed the code: where that person's account is, nobody has said.
    func poll(
        _ device: DeviceGrant.Authorization, _ client: ClientRegistration, at dataCenter: String
    ) async -> Outcome {
        let server: AuthorizationServer
        do throws(Failure) { server = try await self.server() } catch { return .notSent(error.text) }
        var form = FormBody()
        form.add("grant_type", DeviceGrant.grantType)
        form.add("client_id", client.clientID)
        form.add("device_code", device.deviceCode)
        if let secret = client.clientSecret { form.add("client_secret", secret) }
        return await tokens(server.tokenEndpoint, form, at: dataCenter)
    }

    /// Gives tokens back, as far as the server takes them (RFC 7009). Nobody waits for the outcome.
    func revoke(_ pair: TokenPair) async {
        guard let endpoint = (try? await server())?.revocationEndpoint else { return }
        var form = FormBody()
        form.add("token", pair.refresh ?? pair.access)
        form.add("token_type_hint", pair.refresh == nil ? "access_token" : "refresh_token")
        form.add("client_id", pair.clientID)
        if let secret = await secret(of: pair.clientID) { form.add("client_secret", secret) }
        _ = try? await post(endpoint, form.bytes, type: Self.formType, dataCenter: DataCenter.of([pair.access]))
    }

    // MARK: HTTP

    private static let formType = "application/x-www-form-urlencoded"

    private func tokens(_ endpoint: String, _ form: FormBody, _ credentials: [Secret]) async -> Outcome {
        await tokens(endpoint, form, at: DataCenter.of(credentials))
    }

    private func tokens(_ endpoint: String, _ form: FormBody, at dataCenter: String) async -> Outcome {
        do throws(HTTPCallError) {
            let result = try await caller.call(call(endpoint, form.bytes, Self.formType, dataCenter))
            return .answered(
                TokenAnswer(status: result.status, body: result.body, retryAfter: result.field("retry-after")))
        } catch {
            switch error {
            case .notSent(let reason): return .notSent("the authorization server cannot be reached: \(reason)")
            case .timedOut(sent: false): return .notSent("the authorization server cannot be reached in time")
            case .timedOut: return .lost("the authorization server did not answer in time")
            case .cancelled, .failed: return .lost("the connection to the authorization server broke")
            case .tooLarge:
                return .answered(.unavailable(reason: "an answer of more than 64 KiB", retryAfter: nil))
            }
        }
    }

    private func post(
        _ endpoint: String, _ body: [UInt8], type: String, dataCenter: String?
    ) async throws(Failure) -> HTTPCallResult {
        do throws(HTTPCallError) {
            return try await caller.call(call(endpoint, body, type, dataCenter))
        } catch {
            throw Failure(text: "the authorization server cannot be reached", isTransient: true)
        }
    }

    private func call(_ endpoint: String, _ body: [UInt8], _ type: String, _ dataCenter: String?) -> HTTPCall {
        HTTPCall(
            method: "POST", url: endpoint,
            fields: [("content-type", type), ("accept", "application/json")]
                + (dataCenter.map { [("x-dc-region", $0)] } ?? []),
            body: body, deadline: OAuthClient.deadline, maximumResponseBytes: TokenAnswer.maximumBytes)
    }
}
