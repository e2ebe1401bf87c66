/// What is logged.
public struct LogConfiguration: Sendable, Equatable {
    /// The least severe level written.
    public var level = LogLevel.info

    /// The defaults.
    public init() {}

    private static let levelSetting =
        Setting(
            "log.level", .word, default: "`\(LogConfiguration().level.rawValue)`", reloads: true,
            "The least severe level written.")
        as Setting<LogLevel>

    static let rows = [levelSetting.row]

    init(reading section: SectionReader) {
        self.init()
        level = section.value(Self.levelSetting, default: level)
    }
}

/// How the bridge is measured.
public struct MetricsConfiguration: Sendable, Equatable {
    /// A listener of its own for `/metrics`, without keys; absent: `/metrics` needs the scope `ops:read`.
    public var listen: ListenAddress?

    /// The defaults.
    public init() {}

    private static let listenSetting = Setting(
        "metrics.listen", .listenAddress, default: "none",
        "A listener of its own for `/metrics`, `/healthz` and `/readyz`, without keys. Without it `/metrics` is on the API and needs `ops:read`."
    )

    static let rows = [listenSetting.row]

    /// Applies the rule of plain HTTP on public addresses too: there is no TLS on this listener.
    init(reading section: SectionReader, api: ListenConfiguration) {
        self.init()
        listen = section.optional(Self.listenSetting)
        if let listen, listen.port != 0, api.addresses.contains(listen) {
            section.report("the API listens at \(listen)", key: "listen")
        }
        if let listen, !listen.ip.isLoopback, api.allowPlainHTTPOn != .public {
            section.report(
                "\(listen) is not a loopback address and this listener has no TLS: say listen.allow_plain_http_on: public",
                key: "listen")
        }
    }
}

/// How market data is fetched and kept.
public struct MarketDataConfiguration: Sendable, Equatable {
    /// How long a call may wait for the broker's budget before it is answered 429.
    public var maxWait = Duration.seconds(2)
    /// How old an answer may be when the caller does not say; data kept fresh by pushes is never called old.
    public var maxAge = Duration.seconds(1)

    /// The defaults.
    public init() {}

    private static let maxWaitSetting = Setting(
        "market_data.max_wait", .duration(.zero ... .seconds(60)),
        default: "`\(DurationText.text(MarketDataConfiguration().maxWait))`",
        "How long a call may wait for the broker's budget before it is answered 429.")
    private static let maxAgeSetting = Setting(
        "market_data.max_age", .duration(.zero ... .seconds(3600)),
        default: "`\(DurationText.text(MarketDataConfiguration().maxAge))`",
        "How old an answer may be when the caller gives no `max_age_ms`.")

    static let rows = [maxWaitSetting.row, maxAgeSetting.row]

    init(reading section: SectionReader) {
        self.init()
        maxWait = section.value(Self.maxWaitSetting, default: maxWait)
        maxAge = section.value(Self.maxAgeSetting, default: maxAge)
    }
}
