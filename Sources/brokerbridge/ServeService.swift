internal import AuditLog
internal import Bridge
internal import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import Glibc
internal import HTTPCalling
internal import HTTPServing
internal import HTTPWire
internal import LongbridgeBroker
internal import LongbridgeWire
internal import OpenDBroker
internal import Sandbox
internal import Storage

/// The bridge as a process runs it: listeners, brokers, and the sandbox if one was asked for.
@LoopActor
final class ServeService: ProcessRun.Service {
    private let preparation: ServePreparation
    private let database: Database
    private let audit: AuditLog
    private let log: Log
    private var configuration: Configuration
    private let caller = HTTPCaller()
    private var sandbox: LongbridgeSandbox?
    /// By host and port.
    private var gatewayLimits: [String: OpenDLimits] = [:]
    private var application: BridgeApplication?
    private var server: HTTPServer?
    private var metricsServer: HTTPServer?

    init(_ preparation: ServePreparation, database: Database, audit: AuditLog, log: Log) {
        self.preparation = preparation
        self.database = database
        self.audit = audit
        self.log = log
        configuration = preparation.configuration
    }

    // MARK: Start

    func start() async throws(CommandFailure) {
        let secrets = try await StateKeyFile.open(configuration.state, in: preparation.options.run.state, database)
        var brokers: [any Broker] = []
        if preparation.options.isSandbox { brokers += try startSandbox() }
        let region = await region(secrets)
        for account in configuration.accounts { brokers.append(broker(for: account, region, secrets)) }
        let application = BridgeApplication(
            configuration: configuration, brokers: brokers, database: database, audit: audit, log: log)
        self.application = application
        let server = try listen(serverConfiguration(), application)
        self.server = server
        try setPublicURL(application, server)
        if let address = configuration.metrics.listen { metricsServer = try listenForMetrics(address, application) }
        do throws(StorageError) {
            for alias in preparation.options.isSandbox ? Configuration.sandboxAliases : [] {
                try await application.forgetOrders(of: alias)
            }
            try await application.start()
        } catch {
            throw CommandFailure(.unavailable, "the state cannot be read: \(error)")
        }
        if let limit = configuration.limits.memoryBytes ?? ProcessMemory.limit() {
            let source = MemoryWatch.Source(used: ProcessMemory.used, release: ProcessMemory.release)
            application.heed(MemoryWatch(limit: limit, source)) { [weak server] in server?.isShortOfMemory = $0 }
        }
        if preparation.options.isSandbox { await waitUntilReady(brokers, limit: .seconds(5)) }
        try tellReady(server, brokers)
    }

    private func startSandbox() throws(CommandFailure) -> [any Broker] {
        let sandbox = LongbridgeSandbox(seed: SandboxCommand.seed, credentials: .random())
        try SandboxCommand.start(sandbox)
        self.sandbox = sandbox
        var settings = LongbridgeAccountSettings(
            alias: Configuration.sandboxAlias, environment: .sandbox, httpURL: sandbox.httpURL,
            quoteURL: sandbox.quoteURL, tradeURL: sandbox.tradeURL, appKey: sandbox.credentials.appKey,
            appSecret: sandbox.appSecret,
            accessToken: sandbox.accessToken)
        settings.wantsOvernight = true
        settings.backoff = ServeService.sandboxBackoff
        var brokers: [any Broker] = [LongbridgeBroker(settings, caller: caller)]
        if let address = sandbox.openD {
            var futu = OpenDAccountSettings(
                alias: Configuration.sandboxFutuAlias, environment: .sandbox, host: address.host, port: address.port)
            futu.backoff = ServeService.sandboxBackoff
            futu.trade = OpenDTradeSettings(password: TradePassword(address.tradePassword))
            brokers.append(OpenDBroker(futu))
        }
        return brokers
    }

    /// A simulated broker is on this machine: a lost line is dialled again at once.
    private static let sandboxBackoff = SessionBackoff(
        initial: .milliseconds(20), maximum: .milliseconds(500), stableAfter: .seconds(2), connectionLimit: .seconds(1))

    /// The door for accounts that want it found out; nobody is asked if there are none.
    private func region(_ secrets: SealedStore) async -> LongbridgeRegion {
        let wantsProbe = configuration.accounts.contains { account in
            switch account.broker {
            case .longbridge(let settings): settings.probesRegion
            case .opend: false
            }
        }
        return wantsProbe ? await RegionProbe.region(caller, secrets) : .global
    }

    private func broker(
        for account: AccountConfiguration, _ region: LongbridgeRegion, _ secrets: SealedStore
    ) -> any Broker {
        switch account.broker {
        case .longbridge(let configured):
            return LongbridgeBroker(
                LongbridgeAccountSettings(configured, of: account, region: region), caller: caller, secrets: secrets)
        case .opend(let configured):
            return OpenDBroker(
                OpenDAccountSettings(configured, of: account), limits: limits(ofGateway: configured), secrets: secrets)
        }
    }

    /// Accounts at one gateway count against the same limits.
    private func limits(ofGateway configured: OpenDAccountConfiguration) -> OpenDLimits {
        let gateway = "\(configured.host):\(configured.port)"
        if let limits = gatewayLimits[gateway] { return limits }
        let limits = OpenDLimits()
        gatewayLimits[gateway] = limits
        return limits
    }

    /// Where browsers come back to: as the configuration says, or this machine.
    private func setPublicURL(_ application: BridgeApplication, _ server: HTTPServer) throws(CommandFailure) {
        let scheme = configuration.listen.tls == nil ? "http" : "https"
        let port = server.addresses.first.map { ":\($0.port)" } ?? ""
        application.publicURL = configuration.listen.publicURL ?? "\(scheme)://localhost\(port)"
    }

    private func serverConfiguration() throws(CommandFailure) -> HTTPServerConfiguration {
        var server = HTTPServerConfiguration(
            addresses: try configuration.listen.addresses.map(ServeService.socketAddress))
        if let files = configuration.listen.tls { server.tls = try ServeService.tls(files) }
        let limits = configuration.limits
        server.limits.headerBytes = limits.headerBytes
        server.limits.bodyBytes = limits.bodyBytes
        server.deadlines.header = limits.headerDeadline
        server.deadlines.body = limits.bodyDeadline
        server.deadlines.idle = limits.idleDeadline
        server.deadlines.answer = limits.requestDeadline
        server.maximumConnections = limits.connections
        server.maximumConnectionsPerAddress = limits.connectionsPerAddress
        server.hosts = HostPolicy(names: configuration.listen.names.compactMap { HTTPAuthority($0) })
        return server
    }

    private static func tls(_ files: TLSFiles) throws(CommandFailure) -> TLSServerContext {
        do throws(TLSError) {
            return try TLSServerContext(certificateChainFile: files.certificate, privateKeyFile: files.key)
        } catch {
            throw CommandFailure(.configuration, "listen.tls: \(error)")
        }
    }

    static func socketAddress(_ address: ListenAddress) throws(CommandFailure) -> SocketAddress {
        guard let socket = SocketAddress("\(address)") else {
            throw CommandFailure(.unavailable, "cannot listen on \(address)")
        }
        return socket
    }

    private func listen(
        _ configuration: HTTPServerConfiguration, _ application: BridgeApplication
    ) throws(CommandFailure) -> HTTPServer {
        do throws(SocketError) {
            let server = try HTTPServer(configuration: configuration, handler: application)
            server.onCompleted = { [weak application] in application?.completed($0) }
            return server
        } catch {
            let wanted = configuration.addresses.map { "\($0)" }.joined(separator: ", ")
            throw CommandFailure(.unavailable, "cannot listen on \(wanted): \(error)")
        }
    }

    private func listenForMetrics(
        _ address: ListenAddress, _ application: BridgeApplication
    ) throws(CommandFailure) -> HTTPServer {
        let socket = try ServeService.socketAddress(address)
        do throws(SocketError) {
            return try HTTPServer(
                configuration: HTTPServerConfiguration(addresses: [socket]), handler: MetricsEndpoint(application))
        } catch {
            throw CommandFailure(.unavailable, "cannot listen on \(address): \(error)")
        }
    }

    /// A simulated broker answers at once; the printed commands should work at once too.
    private func waitUntilReady(_ brokers: [any Broker], limit: Duration) async {
        let end = Instant.now() + limit
        while Instant.now() < end, brokers.first?.links.allSatisfy({ $0.state == .ready }) != true {
            do throws(CancellationError) { try await sleep(for: .milliseconds(5)) } catch { return }
        }
    }

    private func tellReady(_ server: HTTPServer, _ brokers: [any Broker]) throws(CommandFailure) {
        guard let bound = server.addresses.first, let address = ListenAddress("\(bound)") else {
            throw CommandFailure(.unavailable, "nothing is listened on")
        }
        let url = StartUpText.url(for: address, isTLS: configuration.listen.tls != nil)
        let key = preparation.demoKey?.secret.withBytes { String(decoding: $0, as: UTF8.self) }
        for address in server.addresses { log.info("server.listening", .address("\(address)")) }
        for address in metricsServer?.addresses ?? [] { log.info("metrics.listening", .address("\(address)")) }
        if let path = preparation.options.run.readyFile {
            try ReadyFile(
                url: url, pid: getpid(), accounts: brokers.map(\.account.alias), key: key,
                sandbox: sandbox?.environment,
                openD: sandbox?.openD
            ).write(to: path)
        }
        ProcessSetUp.write(StartUpText.serving(url: url, demoKey: key), to: STDOUT_FILENO)
    }

    // MARK: Stop

    func stop(within limit: Duration) async {
        if let path = preparation.options.run.readyFile { ReadyFile.remove(path) }
        application?.announceStop()
        await server?.drain(deadline: limit)
        await metricsServer?.drain(deadline: .milliseconds(100))
        await application?.stop()
        await sandbox?.stop()
        audit.close()
        // The log's last words are on their way.
        try? await sleep(for: .milliseconds(1))
        database.close()
    }

    // MARK: Reload

    /// All or nothing: a file with any mistake changes nothing.
    func reload() {
        let newer: Configuration
        var newerTLS: TLSServerContext?
        do throws(CommandFailure) {
            newer = try preparation.reread(environment: ProcessSetUp.environment)
            newerTLS = try newer.listen.tls.map(ServeService.tls)
        } catch {
            for line in error.message.split(separator: "\n") {
                log.error("configuration.problem", .reason(String(line)))
            }
            log.error("configuration.kept")
            application?.isConfigurationCurrent = false
            return
        }
        for section in configuration.sectionsNeedingRestart(against: newer) {
            log.warning("configuration.needs_restart", .setting(section))
        }
        take(newer, newerTLS)
        application?.isConfigurationCurrent = true
        log.info("configuration.reloaded", .count(newer.keys.count))
    }

    private func take(_ newer: Configuration, _ tls: TLSServerContext?) {
        log.setLevel(newer.log.level)
        configuration.keys = newer.keys
        configuration.cors = newer.cors
        configuration.log = newer.log
        application?.reload(configuration)
        if let tls { server?.reloadTLS(tls) }
    }
}

/// `/metrics` without a key, on a listener of its own, and beside it what tells whether the process lives: this listener
/// has its own connections, so it answers when those of the API are all taken.
@LoopActor
private final class MetricsEndpoint: HTTPHandler {
    private let application: BridgeApplication

    init(_ application: BridgeApplication) {
        self.application = application
    }

    func respond(to request: HTTPRequest) -> HTTPReply {
        guard request.head.method == .get || request.head.method == .head,
            ["/metrics", "/healthz", "/readyz"].contains(request.head.target.rawPath)
        else {
            return .ready(
                Problem(status: 404, code: "not_found", detail: "Only /metrics, /healthz and /readyz are served here.")
                    .response(requestID: request.id))
        }
        if request.head.target.rawPath != "/metrics" { return application.respond(to: request) }
        return .ready(application.metricsExposition())
    }
}
