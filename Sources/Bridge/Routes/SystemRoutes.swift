internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

extension BridgeApplication {
    /// Everything there is to ask for.
    static func makeRoutes() -> RouteTable<Route> {
        var table = RouteTable<Route>()
        addSystemRoutes(to: &table)
        addAuthorizationRoutes(to: &table)
        addMarketRoutes(to: &table)
        addContractRoutes(to: &table)
        addOrderRoutes(to: &table)
        addHoldingRoutes(to: &table)
        addRawRoutes(to: &table)
        addAuditRoutes(to: &table)
        addKeyRoutes(to: &table)
        addRiskRoutes(to: &table)
        addLimitRoutes(to: &table)
        return table
    }

    private static func addSystemRoutes(to table: inout RouteTable<Route>) {
        table.add(.get, "/healthz", Route(isPublic: true) { _, context throws(Problem) in try context.word("alive") })
        table.add(
            .get, "/readyz",
            Route(isPublic: true) { application, context throws(Problem) in try application.readiness(context) })
        table.add(
            .get, "/metrics",
            Route(scope: .opsRead) { application, context throws(Problem) in try application.exposition(context) })
        table.add(.get, "/v1/version", Route { _, context throws(Problem) in try context.version() })
        table.add(
            .get, "/v1/accounts",
            Route { application, context throws(Problem) in try application.listAccounts(context) })
        table.add(
            .get, "/v1/accounts/{account}",
            Route { application, context throws(Problem) in
                try context.noParameters()
                let broker = try application.accounts.named(context.parameters["account"], context.holder)
                var json = JSONWriter()
                json.account(broker, now: .now())
                return .ready(context.json(json.bytes))
            })
        table.add(
            .get, "/v1/accounts/{account}/session",
            Route { application, context throws(Problem) in
                try context.noParameters()
                let broker = try application.accounts.named(context.parameters["account"], context.holder)
                var json = JSONWriter()
                json.beginObject()
                json.key("account")
                json.string(broker.account.alias)
                json.key("links")
                json.links(broker.links, now: .now())
                json.endObject()
                return .ready(context.json(json.bytes))
            })
        table.add(
            .post, "/v1/accounts/{account}/session/reconnect",
            Route(scope: .admin) { application, context throws(Problem) in
                try context.noParameters()
                let broker = try application.accounts.named(context.parameters["account"], context.holder)
                guard broker.reconnect() else {
                    throw Problem(status: 409, code: "already_connecting", detail: "An attempt is already under way.")
                }
                var json = JSONWriter()
                json.beginObject()
                json.key("account")
                json.string(broker.account.alias)
                json.key("links")
                json.links(broker.links, now: .now())
                json.endObject()
                return .ready(context.json(json.bytes, status: 202))
            })
    }

    private func readiness(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        // Waiting for a human is not a reason to be restarted; only a process that ends cannot serve.
        guard !isStopping else {
            throw Problem(status: 503, code: "shutting_down", detail: "The bridge is stopping.", retryable: true)
        }
        return try context.word("ready")
    }

    private func exposition(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        var response = metricsExposition()
        response.keyName = context.holder.name
        return .ready(response)
    }

    private func listAccounts(_ context: RouteContext) throws(Problem) -> HTTPReply {
        try context.noParameters()
        var json = JSONWriter()
        json.beginObject()
        json.key("data")
        json.beginArray()
        for broker in accounts.brokers where context.holder.mayUse(account: broker.account.alias) {
            json.account(broker, now: .now())
        }
        json.endArray()
        json.key("next_cursor")
        json.null()
        json.endObject()
        return .ready(context.json(json.bytes))
    }
}

extension RouteContext {
    func noParameters() throws(Problem) {
        try QueryReader(request.head.target).finish()
    }

    func word(_ word: String) throws(Problem) -> HTTPReply {
        try noParameters()
        var response = HTTPResponse.text(word + "\n")
        response.fields["Cache-Control"] = "no-store"
        response.routeTemplate = template
        return .ready(response)
    }

    func version() throws(Problem) -> HTTPReply {
        try noParameters()
        var json = JSONWriter()
        json.beginObject()
        json.key("version")
        json.string(BuildInformation.version)
        json.key("commit")
        json.string(BuildInformation.commit)
        json.key("build_time")
        json.string(BuildInformation.time)
        json.endObject()
        return .ready(self.json(json.bytes))
    }
}
