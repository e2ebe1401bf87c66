internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Logins of accounts, and what becomes of their tokens. No answer holds a token.
extension BridgeApplication {
    static func addAuthorizationRoutes(to table: inout RouteTable<Route>) {
        table.add(
            .get, "/v1/accounts/{account}/auth",
            Route { application, context throws(Problem) in
                try context.noParameters()
                let broker = try application.accounts.named(context.parameters["account"], context.holder)
                return .ready(context.authorization(broker))
            })
        table.add(
            .delete, "/v1/accounts/{account}/auth",
            Route(scope: .admin) { application, context throws(Problem) in
                let (broker, authorizer) = try application.authorizer(context)
                return context.answer { () async throws(BrokerFailure) in
                    try await authorizer.forget()
                    return context.authorization(broker)
                }
            })
        table.add(
            .post, "/v1/accounts/{account}/auth/authorize",
            Route(scope: .admin) { application, context throws(Problem) in
                let (_, authorizer) = try application.authorizer(context)
                let callback = application.callbackURL
                return context.answer { () async throws(BrokerFailure) in
                    context.json(try await authorizer.authorize(redirectURI: callback))
                }
            })
        table.add(
            .post, "/v1/accounts/{account}/auth/device",
            Route(scope: .admin) { application, context throws(Problem) in
                let (_, authorizer) = try application.authorizer(context)
                let callback = application.callbackURL
                return context.answer { () async throws(BrokerFailure) in
                    context.json(try await authorizer.authorizeDevice(redirectURI: callback), status: 201)
                }
            })
        table.add(
            .get, "/v1/accounts/{account}/auth/device/{id}",
            Route(scope: .admin) { application, context throws(Problem) in
                let (_, authorizer) = try application.authorizer(context)
                guard let login = authorizer.device(context.parameters["id"]) else {
                    throw Problem(status: 404, code: "not_found", detail: "There is no such device login.")
                }
                return .ready(context.json(login))
            })
        table.add(
            .post, "/v1/accounts/{account}/auth/refresh",
            Route(scope: .admin) { application, context throws(Problem) in
                let (broker, authorizer) = try application.authorizer(context)
                return context.answer { () async throws(BrokerFailure) in
                    try await authorizer.refresh()
                    return context.authorization(broker)
                }
            })
        table.add(
            .post, "/v1/accounts/{account}/auth/unlock",
            Route(scope: .admin) { application, context throws(Problem) in
                try context.noParameters()
                let broker = try application.accounts.named(context.parameters["account"], context.holder)
                guard let trading = broker.trading else {
                    throw Problem(
                        status: 501, code: "not_supported_by_broker", detail: "The account has no trading side.")
                }
                let wait = application.longestWait(context)
                return context.answer { () async throws(BrokerFailure) in
                    try await trading.unlock(wait: wait)
                    return context.authorization(broker)
                }
            })
        table.add(
            .get, "/oauth/callback",
            Route(isPublic: true) { application, context throws(Problem) in application.callback(context) })
    }

    /// Where browsers come back to.
    var callbackURL: String { publicURL + "/oauth/callback" }

    private func authorizer(_ context: RouteContext) throws(Problem) -> (any Broker, any BrokerAuthorizer) {
        try context.noParameters()
        let broker = try accounts.named(context.parameters["account"], context.holder)
        guard let authorizer = broker.authorizer else {
            throw Problem(
                status: 501, code: "not_supported_by_broker", detail: "The account's broker has no logins.")
        }
        return (broker, authorizer)
    }

    /// A browser comes back. Whatever it brings, nothing of it is shown or logged; only the state ties it to an account.
    private func callback(_ context: RouteContext) -> HTTPReply {
        let query = context.request.head.target.query
        let states = query.filter { $0.name == "state" }.map(\.value)
        let owner = accounts.brokers.first { broker in
            states.count == 1 && broker.authorizer?.awaits(state: states.first ?? "") == true
        }
        guard let owner, let authorizer = owner.authorizer else {
            return .ready(context.page(.refused))
        }
        let alias = owner.account.alias
        return .pending { [log] in
            switch await authorizer.callback(query.map { ($0.name, $0.value) }) {
            case .authorized:
                log.info("auth.authorized", .account(alias))
                return context.page(.authorized)
            case .refused(let reason):
                log.warning("auth.callback_refused", .account(alias), .reason(reason))
                return context.page(.refused)
            case .failed(let reason):
                log.warning("auth.exchange_failed", .account(alias), .reason(reason))
                return context.page(.failed)
            }
        }
    }
}

/// What a person sees when the browser comes back; nothing in it comes from outside.
private enum CallbackPage {
    case authorized, refused, failed

    var status: Int {
        switch self {
        case .authorized: 200
        case .refused: 400
        case .failed: 502
        }
    }

    private var text: (title: String, sentence: String) {
        switch self {
        case .authorized: ("Authorized", "The account is open. You can close this page.")
        case .refused:
            (
                "Not accepted",
                "This is not the answer to a login that is waiting. Start the login again, or go on with it."
            )
        case .failed:
            ("It did not work", "The broker did not give a token for this login. Start it again; the log says why.")
        }
    }

    var html: String {
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>BrokerBridge: \(text.title)</title>\
        <h1>\(text.title)</h1><p>\(text.sentence)</p></html>

        """
    }
}

extension RouteContext {
    /// An answer that needs the broker.
    fileprivate func answer(
        _ body: @escaping @LoopActor @Sendable () async throws(BrokerFailure) -> HTTPResponse
    ) -> HTTPReply {
        .pending {
            do throws(BrokerFailure) { return try await body() } catch { return self.problem(Problem(error)) }
        }
    }

    @LoopActor
    fileprivate func authorization(_ broker: any Broker) -> HTTPResponse {
        var json = JSONWriter()
        json.authorization(broker.authorization)
        return self.json(json.bytes)
    }

    fileprivate func json(_ request: AuthorizationRequest) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("authorization_url")
        json.string(request.url)
        json.key("expires_at")
        json.time(request.expires)
        json.endObject()
        return self.json(json.bytes, status: 201)
    }

    fileprivate func json(_ login: DeviceLogin, status: Int = 200) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("id")
        json.string(login.id)
        json.key("state")
        json.string(login.state.rawValue)
        json.key("verification_uri")
        json.string(login.verificationURI)
        json.key("verification_uri_complete")
        json.string(login.verificationURIComplete)
        json.key("user_code")
        json.string(login.userCode)
        json.key("expires_at")
        json.time(login.expires)
        json.key("interval")
        json.int(login.interval.secondsRoundedUp)
        json.key("reason")
        json.string(login.reason)
        json.endObject()
        return self.json(json.bytes, status: status)
    }

    fileprivate func page(_ page: CallbackPage) -> HTTPResponse {
        var response = HTTPResponse.text(page.html, status: page.status)
        response.fields["Content-Type"] = "text/html; charset=utf-8"
        response.fields["Cache-Control"] = "no-store"
        response.fields["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        response.fields["Referrer-Policy"] = "no-referrer"
        response.fields["X-Content-Type-Options"] = "nosniff"
        response.routeTemplate = template
        return response
    }
}
