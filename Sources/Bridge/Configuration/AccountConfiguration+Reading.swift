internal import BrokerModel
internal import Cryptography

extension AccountConfiguration {
    private static let alias = Setting(
        "accounts[].alias", .alias, default: "required",
        "Its name in URLs and logs: lower-case letters, digits and `-`; unique.")
    private static let broker = Setting(
        "accounts[].broker", Form<BrokerName>.word, default: "required", "Which broker.")
    private static let environment = Setting(
        "accounts[].environment", Form<AccountEnvironment>.word, default: "required",
        "Whether orders are real. `sandbox` is a simulation with the URLs given below.")

    static let rows = [alias.row, broker.row, environment.row]

    /// Reads all accounts of the file.
    static func readAll(in root: SectionReader, secrets: SecretSource) -> [AccountConfiguration] {
        let sections = root.sections("accounts", limit: 64)
        var accounts: [AccountConfiguration] = []
        var aliases: Set<String> = []
        for section in sections {
            let alias = section.required(Self.alias)
            if let alias, !aliases.insert(alias).inserted {
                section.report("another account has the name \(Quoted(alias))", key: "alias")
            }
            let broker = section.required(Self.broker)
            let environment = section.required(Self.environment)
            let other = broker == .longbridge ? "opend" : "longbridge"
            if let broker, section.has(other) {
                section.report("an account at \(broker.rawValue) has no such section", key: other)
            }
            let settings: BrokerSettings?
            switch broker {
            case .longbridge:
                settings = section.section("longbridge").flatMap { part in
                    LongbridgeAccountConfiguration(
                        reading: part, alias: alias, environment: environment, isOnly: sections.count == 1,
                        secrets: secrets
                    ).map { .longbridge($0) }
                }
            case .futu, .moomoo:
                settings = section.section("opend").flatMap { part in
                    OpenDAccountConfiguration(
                        reading: part, brokerName: broker?.rawValue ?? "", alias: alias, environment: environment,
                        secrets: secrets
                    ).map { .opend($0) }
                }
            case nil: continue
            }
            guard let alias, let environment, let settings else { continue }
            accounts.append(AccountConfiguration(alias: alias, broker: settings, environment: environment))
        }
        refuseStrayVariables(secrets, aliases: aliases)
        return accounts
    }

    /// The name of the account that the vendor's variables alone describe.
    static let aliasFromEnvironment = "main"

    /// The account that the vendor's variables describe, when the file has none.
    static func fromEnvironment(_ root: SectionReader, secrets: SecretSource) -> [AccountConfiguration] {
        let isPaper =
            LongbridgeAccountConfiguration.variable("PAPERTRADING", in: secrets.environment)?.lowercased() == "true"
        let environment = isPaper ? AccountEnvironment.paper : .live
        guard
            let empty = SectionReader(
                nil, path: "accounts", template: "accounts[].longbridge", location: root.location, context: root.context
            ),
            let settings = LongbridgeAccountConfiguration(
                reading: empty, alias: aliasFromEnvironment, environment: environment, isOnly: true, secrets: secrets)
        else { return [] }
        return [
            AccountConfiguration(alias: aliasFromEnvironment, broker: .longbridge(settings), environment: environment)
        ]
    }

    /// A variable for an account that does not exist is a slip in its name, and a secret that goes unused.
    private static func refuseStrayVariables(_ secrets: SecretSource, aliases: Set<String>) {
        let prefix = LongbridgeAccountConfiguration.variablePrefix
        let known = Set(
            aliases.flatMap { alias in
                (LongbridgeAccountConfiguration.secretKeys + ["client_secret"] + OpenDAccountConfiguration.secretKeys)
                    .flatMap { key in
                        let name = LongbridgeAccountConfiguration.variable(alias: alias, key: key)
                        return [name, "\(name)_FILE"]
                    }
            })
        for name in secrets.environment.keys.sorted() where name.hasPrefix(prefix) && !known.contains(name) {
            let hint = nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            secrets.context.report(environment: name, "no account has such a variable\(hint)")
        }
    }
}

extension LongbridgeAccountConfiguration {
    static let variablePrefix = "BROKERBRIDGE_ACCOUNT_"
    static let secretKeys = ["app_key", "app_secret", "access_token"]

    private static let pairs = secretKeys.map { key in
        let meanings = [
            "app_key": "The application's key, from the developer portal. All three or none.",
            "app_secret": "The application's secret.",
            "access_token": "The account's access token.",
        ]
        let path = "accounts[].longbridge.\(key)"
        return SecretSource.Pair(
            text: Setting(path, .secret, default: "none", meanings[key] ?? ""),
            file: Setting(
                "\(path)_file", .path, default: "none", "A file that holds `\(key)`; only its owner may read it."))
    }

    private static let httpURL = Setting(
        "accounts[].longbridge.http_url", .url(schemes: ["https", "http"]), default: "by `region`",
        "Base of the HTTP API. Without TLS only for a sandbox or on loopback.")
    private static let quoteURL = Setting(
        "accounts[].longbridge.quote_url", .url(schemes: ["wss", "ws"]), default: "by `region`", "The quote socket.")
    private static let tradeURL = Setting(
        "accounts[].longbridge.trade_url", .url(schemes: ["wss", "ws"]), default: "by `region`", "The trade socket.")
    private static let region = Setting(
        "accounts[].longbridge.region", Form<LongbridgeRegionChoice>.word, default: "`global`",
        "Which door to the broker: `cn` from mainland China; `auto` asks a server of the vendor's at start.")
    private static let language = Setting(
        "accounts[].longbridge.language", Form<LongbridgeLanguage>.word, default: "`en`", "Of names and messages.")
    private static let overnight = Setting(
        "accounts[].longbridge.overnight", .boolean, default: "`false`", "Ask for quotes of the US overnight session.")

    static let rows =
        pairs.flatMap { [$0.text.row, $0.file.row] } + LongbridgeLoginConfiguration.rows + [
            httpURL.row, quoteURL.row, tradeURL.row, region.row, language.row, overnight.row,
        ] + LongbridgeLimitsConfiguration.rows

    /// `isOnly`: no other account exists, so the vendor's own variables are meant for this one.
    init?(
        reading section: SectionReader, alias: String?, environment: AccountEnvironment?, isOnly: Bool,
        secrets: SecretSource
    ) {
        func names(_ pair: SecretSource.Pair) -> [String] {
            (alias.map { [Self.variable(alias: $0, key: pair.text.key)] } ?? [])
                + (isOnly ? Self.vendorPrefixes.map { $0 + pair.text.key.uppercased() } : [])
        }
        let hasKey = Self.pairs.contains { secrets.isGiven($0, in: section, names: names($0)) }
        let login = LongbridgeLoginConfiguration(
            reading: section, alias: alias, environment: environment, hasKey: hasKey, secrets: secrets)
        let found = Self.pairs.map { pair in
            secrets.find(pair, in: section, names: names(pair), isRequired: login == nil)
        }
        func vendor(_ suffix: String) -> String? { isOnly ? Self.variable(suffix, in: secrets.environment) : nil }
        let choice =
            vendor("REGION").map { $0.uppercased() == "CN" ? .cn : .global }
            ?? section.value(Self.region, default: .global)
        let region = choice == .cn ? LongbridgeRegion.cn : .global
        let language =
            vendor("LANGUAGE").flatMap(LongbridgeLanguage.init) ?? section.value(Self.language, default: .english)
        let overnight = vendor("ENABLE_OVERNIGHT").map { $0 == "true" } ?? section.value(Self.overnight, default: false)

        func url(_ setting: Setting<String>, _ suffix: String, _ standard: String) -> String {
            let written = section.optional(setting)
            let fromVendor = Self.vendorPrefixes.map { $0 + suffix }.first { isOnly && secrets.environment[$0] != nil }
            var value = written
            if let name = fromVendor {
                value = Self.vendorURL(
                    name, schemes: setting.key == "http_url" ? ["https", "http"] : ["wss", "ws"], secrets)
            }
            if environment == .sandbox, value == nil, fromVendor == nil, !section.has(setting.key) {
                section.report("this key is required for a sandbox account", key: setting.key)
            }
            if let value, let endpoint = EndpointURL(value), endpoint.isPlain, environment != .sandbox,
                !endpoint.isLoopback
            {
                section.report("without TLS the account's secrets can be read on the way", key: setting.key)
            }
            return value ?? standard
        }
        let limits = LongbridgeLimitsConfiguration(reading: section, environment: environment)
        let http = url(Self.httpURL, "HTTP_URL", region.httpURL)
        let quote = url(Self.quoteURL, "QUOTE_WS_URL", region.quoteURL)
        let trade = url(Self.tradeURL, "TRADE_WS_URL", region.tradeURL)
        if let login {
            self.init(
                appKey: "", appSecret: Secret(""), accessToken: Secret(""), httpURL: http, quoteURL: quote,
                tradeURL: trade, language: language, overnight: overnight, limits: limits)
            self.login = login
            probesRegion = choice == .auto && http == region.httpURL
            return
        }
        guard found.count == 3, let appKey = found[0], let appSecret = found[1], let accessToken = found[2] else {
            return nil
        }
        self.init(
            appKey: appKey.withBytes { String(decoding: $0, as: UTF8.self) }, appSecret: appSecret,
            accessToken: accessToken,
            httpURL: http, quoteURL: quote, tradeURL: trade, language: language, overnight: overnight,
            limits: limits)
        probesRegion = choice == .auto && http == region.httpURL
    }

    static let vendorPrefixes = ["LONGBRIDGE_", "LONGPORT_"]

    /// `BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET`
    static func variable(alias: String, key: String) -> String {
        "\(variablePrefix)\(alias.uppercased().replacing("-", with: "_"))_\(key.uppercased())"
    }

    /// The vendor's variable, in its new or old spelling.
    static func variable(_ suffix: String, in environment: [String: String]) -> String? {
        vendorPrefixes.lazy.compactMap { environment[$0 + suffix] }.first
    }

    /// Whether the vendor's variables name an account at all.
    static func isInEnvironment(_ environment: [String: String]) -> Bool {
        variable("APP_KEY", in: environment) != nil || variable("APP_KEY_FILE", in: environment) != nil
    }

    private static func vendorURL(_ name: String, schemes: [String], _ secrets: SecretSource) -> String? {
        guard let text = secrets.environment[name], let url = EndpointURL(text), schemes.contains(url.scheme) else {
            secrets.context.report(
                environment: name, "expected \(schemes.map { "\($0)://…" }.joined(separator: " or "))")
            return nil
        }
        return url.text
    }
}
