public import AuditLog
internal import BrokerModel
public import BrokerSessions
internal import Bytes
internal import Clocks
public import EventLoops
public import HTTPServing
public import HTTPWire
internal import Limits
public import Storage

/// The product behind the HTTP server: who may ask, what there is, and who answers.
///
/// Decisions fall in this order: host (by the server), route, key, scope, account, parameters, answer.
@LoopActor
public final class BridgeApplication: HTTPHandler {
    let accounts: Accounts
    let hub: StreamHub
    let cache = ReadCache()
    let instruments = ReadCache()
    let reference = MarketReference()
    let instrumentCache = InstrumentCache()
    let metrics = Metrics()
    let marketData: MarketDataConfiguration
    /// From the whole request to its answer.
    let answerTime: Duration
    let log: Log
    /// The accounts that have a trading side.
    let ledgers: [String: OrderLedger]
    let trail: AuditTrail
    let risk: RiskDesk
    let lastPrices = LastPrices()
    let contractSizes = ContractSizes()
    /// Keys of writes that this process is carrying out.
    var writesUnderWay: Set<IdempotencyKey> = []
    let database: Database
    private lazy var upkeep = LoopTimer { [weak self] in self?.trim() }
    var isStopping = false
    /// Whether the file of the configuration, when it was read last, was taken over.
    public var isConfigurationCurrent = true
    /// Measures what the process uses, where that is bounded.
    var memory: MemoryWatch?
    /// How a browser reaches the bridge, without a slash at its end; set once it listens.
    public var publicURL = "http://localhost:8080"
    var keys: KeyRing
    let inbound: InboundLimits
    /// Who was told to come back to what.
    var returns = ReturnTable()
    var recentKeys = RecentKeys()
    /// Of the configuration.
    var configuredKeys: [KeyConfiguration]
    /// Of the state.
    var storedKeys: [StoredKey] = []
    /// Ids of keys of the state that work no more.
    var withdrawnKeys: Set<String> = []
    /// Hashes of keys that worked once.
    var revokedKeys: Set<[UInt8]> = []
    var guesses = BridgeApplication.guessBudget
    private var cors: CORSPolicy
    private let routes: RouteTable<Route>

    /// One endpoint.
    struct Route {
        /// What the key needs; `nil` for any key.
        var scope: Scope?
        /// Whether no key is needed.
        var isPublic = false
        /// Whose limit its calls count against, where the scope does not say it.
        var group: EndpointClass?
        var handle: @LoopActor (BridgeApplication, RouteContext) throws(Problem) -> HTTPReply
    }

    /// An application that has not started its brokers.
    ///
    /// - Parameter audit: absent only where nothing is to be recorded.
    public init(
        configuration: Configuration, brokers: [any Broker], database: Database, audit: AuditLog? = nil, log: Log
    ) {
        self.database = database
        let trail = AuditTrail(audit, reads: configuration.audit.reads)
        self.trail = trail
        let risk = RiskDesk()
        self.risk = risk
        var ledgers: [String: OrderLedger] = [:]
        for broker in brokers {
            guard let trading = broker.trading else { continue }
            let account = OrderAccount(environment: broker.account.environment.rawValue, broker: broker.account.broker)
            let ledger = OrderLedger(
                alias: broker.account.alias, account: account, broker: trading, database: database,
                configuration: configuration.orders, risk: risk, instance: database.mark?.instance)
            ledger.trail = trail
            ledger.onAlarm = { [log] event, detail in
                log.error(event, .account(broker.account.alias), .reason(detail))
            }
            ledgers[broker.account.alias] = ledger
        }
        self.ledgers = ledgers
        accounts = Accounts(brokers: brokers)
        marketData = configuration.marketData
        answerTime = configuration.limits.requestDeadline
        keys = KeyRing(configuration.keys)
        configuredKeys = configuration.keys
        inbound = InboundLimits(configuration.limits)
        cors = CORSPolicy(origins: configuration.cors.origins, own: configuration.listen.publicURL)
        self.log = log
        hub = StreamHub(
            brokers: brokers, watch: configuration.watch.symbols, limits: configuration.limits, metrics: metrics)
        routes = BridgeApplication.makeRoutes()
        risk.openOrders = { account in
            if let account { return ledgers[account]?.openOrderIDs ?? [] }
            return ledgers.values.flatMap(\.openOrderIDs)
        }
        risk.keyRules = { [weak self] in self?.keys.key(named: $0)?.risk ?? RiskRules() }
    }

    /// Forgets the orders of an account whose broker has forgotten them: the simulated one of an earlier run.
    public func forgetOrders(of alias: String) async throws(StorageError) {
        try await database.write { connection throws(StorageError) in
            try OrderStore.forget(account: alias, on: connection)
            try CandleStore.forget(alias, on: connection)
        }
    }

    /// Reads what the last run left, then dials every broker.
    public func start() async throws(StorageError) {
        try await loadRisk()
        try await loadHistoryUse()
        try await hub.attach(ledgers, database)
        for ledger in ledgers.values { try await ledger.start() }
        upkeep.schedule(after: .seconds(60))
        try await loadKeys()
        trail.start(log: log)
        beginReconciling()
        hub.start(log: log)
        for broker in accounts.brokers { broker.start() }
    }

    /// Streams are told goodbye, and new ones to come back later.
    public func announceStop() {
        isStopping = true
        hub.stop()
    }

    /// The counters as `/metrics` gives them.
    public func metricsExposition() -> HTTPResponse {
        var response = HTTPResponse.text(
            metrics.text(
                streams: hub.streamCount, topics: hub.topicCount, accounts: accounts, isStateReturned: isStateReturned)
                + Metrics.memory(memory) + Metrics.configuration(isCurrent: isConfigurationCurrent))
        response.fields["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
        response.routeTemplate = "/metrics"
        return response
    }

    /// Ends streams and sessions; requests under way are the server's to drain.
    public func stop() async {
        announceStop()
        upkeep.cancel()
        memory?.stop()
        for ledger in ledgers.values { ledger.stop() }
        for broker in accounts.brokers { await broker.stop() }
    }

    /// Drops what is past its life.
    private func trim() {
        upkeep.schedule(after: .seconds(3600))
        spawn { [self] in
            do throws(StorageError) {
                try await database.write { connection throws(StorageError) in
                    try OrderStore.trim(now: .now(), on: connection)
                }
                try await hub.forgetTrimmed()
                risk.forgetHolders()
            } catch {
                log.error("storage.not_trimmed", .reason("\(error)"))
            }
        }
    }

    /// Takes new keys and origins; streams of keys that are gone end at once.
    public func reload(_ configuration: Configuration) {
        cors = CORSPolicy(origins: configuration.cors.origins, own: configuration.listen.publicURL)
        take(configured: configuration.keys)
    }

    /// What the server tells of an exchange.
    public func completed(_ record: HTTPExchangeRecord) {
        metrics.count(record)
        guard (record.status ?? 499) >= 500 || log.isEnabled(.info) else { return }
        log.access(
            AccessRecord(
                method: record.method?.text ?? "-", route: record.routeTemplate, status: record.status ?? 499,
                bytes: record.responseBytes, duration: record.duration, peer: record.peer.ip,
                requestID: record.requestID.text, keyName: record.keyName))
    }

    /// Every routed method and template.
    public static var routeList: [(method: String, template: String)] {
        makeRoutes().routes.map { ($0.method.text, $0.template) }
    }

    /// Routes, authenticates and answers.
    public func respond(to request: HTTPRequest) -> HTTPReply {
        switch routes.match(request.head.method, request.head.target) {
        case .notFound: return refuse(request, .notFound)
        case .options(let allow):
            let preflight = cors.preflight(for: request.head, isTLS: request.isTLS, allow: allow)
            return .ready(HTTPResponse(status: 204, fields: preflight ?? ["Allow": allow]))
        case .methodNotAllowed(let allow, let template):
            return refuse(
                request, Problem(status: 405, code: "method_not_allowed", detail: "This path takes \(allow)."),
                fields: ["Allow": allow], template: template)
        case .found(let route, let parameters, let template):
            let holder: KeyHolder
            if template == "/v1/stream", isOfRevokedKey(request) { return stayAway(request, template) }
            do throws(Problem) { holder = try route.isPublic ? BridgeApplication.anybody : authenticate(request) } catch
            {
                let fields: HTTPFields =
                    error.status == 401 ? ["WWW-Authenticate": "Bearer realm=\"brokerbridge\""] : [:]
                return refuse(request, error, fields: fields, template: template, parameters: parameters)
            }
            let group = route.group(of: request.head.method)
            var context = RouteContext(
                request: request, parameters: parameters, template: template, holder: holder,
                fields: cors.fields(for: request.head, isTLS: request.isTLS))
            if route.isPublic { return answer(context, by: route) }
            let (verdict, standing) = inbound.take(
                holder.place ?? inbound.shared, group, (request.head.method, template), at: request.receivedAt)
            if case .refused(let wait) = verdict {
                return refuse(
                    request, tooFast(context, group, wait), template: template, parameters: parameters,
                    caller: (holder.name, standing))
            }
            if let scope = route.scope, !holder.may(scope) {
                let problem = Problem(
                    status: 403, code: "insufficient_scope", detail: "The key lacks the scope \(scope.rawValue).")
                return refuse(
                    request, problem, template: template, parameters: parameters, caller: (holder.name, standing))
            }
            if context.isWrite, cors.origin(of: request.head, isTLS: request.isTLS) == .foreign {
                return refuse(request, .foreignOrigin, template: template, caller: (holder.name, standing))
            }
            context.standing = standing
            if let problem = shortage(context, group) {
                return refuse(request, problem, template: template, caller: (holder.name, standing))
            }
            return limited(answer(context, by: route), context, group, standing)
        }
    }

    private func refuse(
        _ request: HTTPRequest, _ problem: Problem, fields: HTTPFields = [:], template: String? = nil,
        parameters: PathParameters? = nil, caller: (name: String, standing: RateLimitFields)? = nil
    ) -> HTTPReply {
        var fields = fields
        for (name, value) in cors.fields(for: request.head, isTLS: request.isTLS) {
            if let name = HTTPFieldName(name) { fields.append(name, value) }
        }
        var response = problem.response(requestID: request.id, fields: fields)
        response.routeTemplate = template
        response.keyName = caller?.name
        response.rateLimit = caller?.standing
        trail.answered(
            request, template: template, key: caller?.name, parameters: parameters, response.status, response.body)
        return .ready(response)
    }
}

/// What a route's handler is given.
struct RouteContext {
    let request: HTTPRequest
    let parameters: PathParameters
    let template: String
    let holder: KeyHolder
    /// Fields every answer carries.
    let fields: HTTPFields
    /// Where the caller's key stands with its limit, this call counted.
    var standing: RateLimitFields?

    /// A JSON answer.
    func json(_ body: [UInt8], status: Int = 200, isPrivate: Bool = true) -> HTTPResponse {
        var response = HTTPResponse.json(body, status: status)
        for (name, value) in fields {
            if let name = HTTPFieldName(name) { response.fields.append(name, value) }
        }
        if isPrivate { response.fields["Cache-Control"] = "no-store" }
        response.routeTemplate = template
        response.keyName = holder.name
        return response
    }

    /// A problem's answer.
    func problem(_ problem: Problem) -> HTTPResponse {
        var response = problem.response(requestID: request.id, fields: fields)
        response.routeTemplate = template
        response.keyName = holder.name
        return response
    }

    /// One symbol of the path, in canonical form.
    func symbol() throws(Problem) -> Symbol {
        try symbol(parameters["symbol"], field: "symbol")
    }

    func symbol(_ text: String, field: String) throws(Problem) -> Symbol {
        guard let symbol = Symbol(text) else { throw .symbol(text, field: field) }
        guard holder.mayUse(symbol: symbol) else {
            throw Problem(
                status: 403, code: "symbol_not_allowed", detail: "The key may not use \(symbol).", field: field)
        }
        return symbol
    }
}
