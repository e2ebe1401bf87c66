/// All that an operator can decide, parsed once and then never changed; a reload makes a new value.
///
/// The initialisers hold the defaults. `Configuration.load` reads a file and the environment.
public struct Configuration: Sendable {
    /// Where clients reach the bridge.
    public var listen = ListenConfiguration()
    /// Which web pages may call it.
    public var cors = CORSConfiguration()
    /// The bounds on what clients may cost.
    public var limits = LimitsConfiguration()
    /// Who may call it. Names and hashes are unique.
    public var keys: [KeyConfiguration] = []
    /// The broker accounts, in the order of the file; aliases are unique.
    public var accounts: [AccountConfiguration] = []
    /// What is kept subscribed without any client.
    public var watch = WatchConfiguration()
    /// What is logged.
    public var log = LogConfiguration()
    /// How the bridge is measured.
    public var metrics = MetricsConfiguration()
    /// How the audit log is kept.
    public var audit = AuditConfiguration()
    /// How market data is fetched and kept.
    public var marketData = MarketDataConfiguration()
    /// How orders are answered and looked for.
    public var orders = OrdersConfiguration()
    /// How what is kept is protected.
    public var state = StateConfiguration()

    /// The defaults: no key and no account.
    public init() {}

    /// The sections that a reload does not take over and that differ from `newer`.
    public func sectionsNeedingRestart(against newer: Configuration) -> [String] {
        var changed: [String] = []
        var listenWithoutTLS = (listen, newer.listen)
        // The files behind the same names are read again; other names are too.
        if listen.tls != nil, newer.listen.tls != nil { (listenWithoutTLS.0.tls, listenWithoutTLS.1.tls) = (nil, nil) }
        if listenWithoutTLS.0 != listenWithoutTLS.1 { changed.append("listen") }
        if limits != newer.limits { changed.append("limits") }
        if accounts.map(\.comparable) != newer.accounts.map(\.comparable) { changed.append("accounts") }
        if watch != newer.watch { changed.append("watch") }
        if metrics != newer.metrics { changed.append("metrics") }
        if audit != newer.audit { changed.append("audit") }
        if marketData != newer.marketData { changed.append("market_data") }
        if orders != newer.orders { changed.append("orders") }
        return changed
    }
}
