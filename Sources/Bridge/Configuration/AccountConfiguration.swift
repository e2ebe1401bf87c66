public import BrokerModel
public import Cryptography

/// One broker account.
public struct AccountConfiguration: Sendable {
    /// Its name in URLs and logs; unique.
    public var alias: String
    /// Which broker, and how it is reached.
    public var broker: BrokerSettings
    /// Whether orders are real.
    public var environment: AccountEnvironment

    /// One account; nothing is checked.
    public init(alias: String, broker: BrokerSettings, environment: AccountEnvironment) {
        self.alias = alias
        self.broker = broker
        self.environment = environment
    }

    /// The settings of one broker.
    public enum BrokerSettings: Sendable {
        case longbridge(LongbridgeAccountConfiguration)
        case opend(OpenDAccountConfiguration)
    }

    /// What can be compared, for telling that a restart is needed; secrets are left out.
    var comparable: [String] {
        switch broker {
        case .longbridge(let settings):
            [
                alias, environment.rawValue, settings.appKey, settings.httpURL, settings.quoteURL, settings.tradeURL,
                settings.language.rawValue, settings.overnight ? "overnight" : "day", settings.limits.comparable,
                settings.login?.clientID ?? "", settings.login?.scopes.joined(separator: " ") ?? "-",
                settings.login?.tokenFile ?? "", settings.login?.server ?? "", settings.probesRegion ? "auto" : "",
            ]
        case .opend(let settings): [alias, environment.rawValue] + settings.comparable
        }
    }
}

extension AccountConfiguration {
    /// Whether a text can be an alias: 1 to 32 of lower-case letters, digits and inner `-`. That keeps it readable in a URL
    /// and its environment names free of collisions.
    public static func isAlias(_ text: String) -> Bool {
        guard (1...32).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}

/// Which brokers an account can be at.
enum BrokerName: String, CaseIterable, Sendable {
    case longbridge
    case futu
    case moomoo
}

/// How an account at Longbridge is reached: by a login, or by the API key triple of its developer portal.
public struct LongbridgeAccountConfiguration: Sendable {
    /// Present for an account that is opened by a login; key, secret and token are then empty.
    public var login: LongbridgeLoginConfiguration?
    /// Whether the door is found out at start; the addresses are then those of the global one until it is.
    public var probesRegion = false
    /// Sent with every call; names the application.
    public var appKey: String
    /// Signs calls; never sent.
    public var appSecret: Secret
    /// Opens the account.
    public var accessToken: Secret
    /// Base of the HTTP API; a path in it is part of what is signed. No ending slash.
    public var httpURL: String
    /// The quote socket.
    public var quoteURL: String
    /// The trade socket.
    public var tradeURL: String
    /// Of names and messages.
    public var language: LongbridgeLanguage
    /// Whether quotes of the US overnight session are asked for.
    public var overnight: Bool
    /// The broker's limits, or lower ones.
    public var limits: LongbridgeLimitsConfiguration

    /// One account; nothing is checked.
    public init(
        appKey: String, appSecret: Secret, accessToken: Secret, httpURL: String = LongbridgeRegion.global.httpURL,
        quoteURL: String = LongbridgeRegion.global.quoteURL, tradeURL: String = LongbridgeRegion.global.tradeURL,
        language: LongbridgeLanguage = .english, overnight: Bool = false,
        limits: LongbridgeLimitsConfiguration = LongbridgeLimitsConfiguration()
    ) {
        self.appKey = appKey
        self.appSecret = appSecret
        self.accessToken = accessToken
        self.httpURL = httpURL
        self.quoteURL = quoteURL
        self.tradeURL = tradeURL
        self.language = language
        self.overnight = overnight
        self.limits = limits
    }
}

/// The language of names and messages, in the broker's spelling.
public enum LongbridgeLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case simplifiedChinese = "zh-CN"
    case traditionalChinese = "zh-HK"
}

/// Which door the configuration asks for.
public enum LongbridgeRegionChoice: String, Sendable, CaseIterable {
    /// As the vendor's client does: one question at start.
    case auto
    case global
    case cn
}

/// The door to the broker; both lead to the same accounts.
///
/// Source: docs/protocols, Longbridge HTTP, "Hosts".
public enum LongbridgeRegion: String, Sendable, CaseIterable {
    case global
    /// From mainland China.
    case cn

    private var domain: String { self == .global ? "longbridge.com" : "longbridge.cn" }
    /// Base of the HTTP API.
    public var httpURL: String { "https://openapi.\(domain)" }
    /// The quote socket.
    public var quoteURL: String { "wss://openapi-quote.\(domain)/v2" }
    /// The trade socket.
    public var tradeURL: String { "wss://openapi-trade.\(domain)/v2" }
}
