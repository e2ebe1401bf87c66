internal import BrokerModel

/// The broker's limits as the owner of an account wants them: never above what the broker states, simulated ones excepted.
public struct LongbridgeLimitsConfiguration: Sendable, Equatable {
    /// Calls of the trading interface in 30 s.
    public var tradeCalls = 30
    /// Calls about quotes in a second.
    public var quoteCalls = 10
    /// Calls about quotes at once.
    public var quoteCallsAtOnce = 5
    /// Calls for past candles in 30 s.
    public var historyCalls = 60
    /// Securities with past candles in a month; absent: what the broker tells.
    public var historySymbols: Int?
    /// Securities subscribed at once; absent: what the broker tells.
    public var subscriptions: Int?

    /// The broker's own.
    public init() {}
}

extension LongbridgeLimitsConfiguration {
    private static let stated = LongbridgeLimitsConfiguration()

    private static func calls(_ name: String, _ stated: Int, _ meaning: String) -> Setting<Int> {
        Setting(
            "accounts[].longbridge.\(name)", .integer(1...100_000), default: "`\(stated)`",
            "\(meaning) The broker allows \(stated); more is for a sandbox only.")
    }

    private static let tradeSetting = calls(
        "trade_calls", stated.tradeCalls, "Calls of the trading interface in 30 s.")
    private static let quoteSetting = calls(
        "quote_calls", stated.quoteCalls, "Calls about quotes in a second, over socket and HTTP together.")
    private static let atOnceSetting = calls(
        "quote_calls_at_once", stated.quoteCallsAtOnce, "Such calls under way at once.")
    private static let historySetting = calls(
        "history_calls", stated.historyCalls, "Calls for past candles in 30 s.")
    private static let symbolsSetting = Setting(
        "accounts[].longbridge.history_symbols", .integer(0...1_000_000), default: "what the broker tells",
        "Securities whose past candles may be asked for in a month.")
    private static let subscriptionsSetting = Setting(
        "accounts[].longbridge.subscriptions", .integer(1...1_000_000), default: "what the broker tells",
        "Securities subscribed at once.")

    static let rows = [
        tradeSetting.row, quoteSetting.row, atOnceSetting.row, historySetting.row, symbolsSetting.row,
        subscriptionsSetting.row,
    ]

    /// Reports what is above the broker's limits.
    init(reading section: SectionReader, environment: AccountEnvironment?) {
        func read(_ setting: Setting<Int>, _ stated: Int) -> Int {
            let value = section.value(setting, default: stated)
            if value > stated, environment != .sandbox {
                section.report("the broker allows \(stated)", key: setting.key)
            }
            return value
        }
        tradeCalls = read(Self.tradeSetting, Self.stated.tradeCalls)
        quoteCalls = read(Self.quoteSetting, Self.stated.quoteCalls)
        quoteCallsAtOnce = read(Self.atOnceSetting, Self.stated.quoteCallsAtOnce)
        historyCalls = read(Self.historySetting, Self.stated.historyCalls)
        historySymbols = section.optional(Self.symbolsSetting)
        subscriptions = section.optional(Self.subscriptionsSetting)
    }

    /// For telling that a restart is needed.
    var comparable: String {
        "\(tradeCalls) \(quoteCalls) \(quoteCallsAtOnce) \(historyCalls) \(historySymbols ?? -1) \(subscriptions ?? -1)"
    }
}
