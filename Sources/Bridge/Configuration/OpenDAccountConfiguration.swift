internal import BrokerModel
public import Cryptography

/// How an account at Futu or moomoo is reached: by the gateway its user runs, and which of the login's trading accounts
/// it is.
public struct OpenDAccountConfiguration: Sendable {
    /// `futu` or `moomoo`; the same wire.
    public var brokerName: String
    /// Where the gateway listens.
    public var host: String
    /// The gateway's port.
    public var port: Int
    /// The gateway's own RSA key; `nil` for plain bodies.
    public var key: RSAKey?
    /// Where the key was read.
    public var keyFile: String?
    /// What hides the bodies behind the handshake.
    public var cipher: OpenDCipher
    /// Simulated money; of use for a sandbox, where both kinds are.
    public var isPaper: Bool
    /// The last digits of the trading account's number or card.
    public var number: String?
    /// `securities` or `futures`.
    public var category: OpenDCategory
    /// A market the trading account must trade.
    public var market: OpenDMarket?
    /// The firm the trading account belongs to.
    public var firm: OpenDFirmName?
    /// Unlocks a real account's trading.
    public var password: Secret?

    /// One account; nothing is checked.
    public init(brokerName: String, host: String = "127.0.0.1", port: Int = 11_111, isPaper: Bool = false) {
        self.brokerName = brokerName
        self.host = host
        self.port = port
        self.isPaper = isPaper
        cipher = .cbc
        category = .securities
    }

    /// What can be compared, for telling that a restart is needed.
    var comparable: [String] {
        [
            brokerName, host, String(port), keyFile ?? "", cipher.rawValue, isPaper ? "paper" : "real", number ?? "",
            category.rawValue, market?.rawValue ?? "", firm?.rawValue ?? "",
        ]
    }
}

/// How the gateway hides bodies, in words of ours.
public enum OpenDCipher: String, Sendable, CaseIterable {
    /// AES in blocks that hang together; what the vendor's client asks for.
    case cbc
    /// AES block by block.
    case ecb
    /// The vendor's older way, for old gateways.
    case vendor
}

/// What a trading account is for.
public enum OpenDCategory: String, Sendable, CaseIterable {
    case securities, futures
}

/// Markets of trading accounts.
public enum OpenDMarket: String, Sendable, CaseIterable {
    case hongKong = "HK"
    case unitedStates = "US"
    case shanghai = "SH"
    case shenzhen = "SZ"
    case singapore = "SG"
}

/// Firms of the broker's group.
public enum OpenDFirmName: String, Sendable, CaseIterable {
    case futuSecurities = "futu_securities"
    case futuInc = "futu_inc"
    case futuSG = "futu_sg"
    case futuAU = "futu_au"
    case futuCA = "futu_ca"
    case futuMY = "futu_my"
    case futuJP = "futu_jp"
}

extension OpenDAccountConfiguration {
    static let secretKeys = ["trade_password"]

    private static let host = Setting(
        "accounts[].opend.host", .hostName, default: "`127.0.0.1`", "Where the gateway (OpenD) listens.")
    private static let port = Setting(
        "accounts[].opend.port", .integer(1...65_535), default: "`11111`", "The gateway's port.")
    private static let keyFile = Setting(
        "accounts[].opend.rsa_key_file", .path, default: "none",
        "The gateway's own RSA key in PEM; only its owner may read it. Needed unless the gateway is on this machine.")
    private static let cipher = Setting(
        "accounts[].opend.cipher", Form<OpenDCipher>.word, default: "`cbc`",
        "How bodies are hidden behind the RSA handshake; `vendor` for old gateways.")
    private static let isPaper = Setting(
        "accounts[].opend.paper", .boolean, default: "by `environment`",
        "Whether it is the login's simulated account; only for `environment: sandbox`.")
    private static let number = Setting(
        "accounts[].opend.account", .text("digits", limit: 32), default: "the only one",
        "The trading account's number or card, or as many last digits as tell it from the login's others; in quotes.")
    private static let category = Setting(
        "accounts[].opend.category", Form<OpenDCategory>.word, default: "`securities`",
        "What the trading account is for.")
    private static let market = Setting(
        "accounts[].opend.market", Form<OpenDMarket>.word, default: "any",
        "A market the trading account must trade; simulated accounts have one each.")
    private static let firm = Setting(
        "accounts[].opend.firm", Form<OpenDFirmName>.word, default: "any", "The firm the trading account belongs to.")
    private static let password = SecretSource.Pair(
        text: Setting(
            "accounts[].opend.trade_password", .secret, default: "none",
            "Unlocks trading of a real account; without it that is done by hand at the gateway. Only its MD5 is sent."),
        file: Setting(
            "accounts[].opend.trade_password_file", .path, default: "none",
            "A file that holds `trade_password`; only its owner may read it."))

    static let rows = [
        host.row, port.row, keyFile.row, cipher.row, isPaper.row, number.row, category.row, market.row, firm.row,
        password.text.row, password.file.row,
    ]

    /// `nil` after a report.
    init?(
        reading section: SectionReader, brokerName: String, alias: String?, environment: AccountEnvironment?,
        secrets: SecretSource
    ) {
        self.init(brokerName: brokerName)
        host = section.value(Self.host, default: host)
        port = section.value(Self.port, default: port)
        if HostText.withoutPort(host).utf8.count != host.utf8.count {
            section.report("the port has a key of its own", key: "host")
        }
        keyFile = section.optional(Self.keyFile)
        if let keyFile { key = Self.read(keyFile) { section.report($0, key: "rsa_key_file") } }
        cipher = section.value(Self.cipher, default: cipher)
        if section.has("cipher"), keyFile == nil {
            section.report("bodies are hidden only with an rsa_key_file", key: "cipher")
        }
        if keyFile == nil, environment != .sandbox, !Self.isLoopback(host) {
            section.report("without an RSA key orders and the password's hash can be read on the way", key: "host")
        }
        let written = section.optional(Self.isPaper)
        if let written, environment != .sandbox {
            section.report("environment says it", key: "paper")
            isPaper = written
        }
        isPaper = environment == .paper || written == true
        number = section.optional(Self.number)
        if let number, !number.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            section.report("expected digits", key: "account")
        }
        category = section.value(Self.category, default: category)
        market = section.optional(Self.market)
        firm = section.optional(Self.firm)
        let names = alias.map { [LongbridgeAccountConfiguration.variable(alias: $0, key: "trade_password")] } ?? []
        password = secrets.find(Self.password, in: section, names: names, isRequired: false)
        if password != nil, isPaper {
            section.report("a simulated account is never locked", key: Self.password.text.key)
        }
        guard keyFile == nil || key != nil else { return nil }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let address = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return host == "localhost" || IPAddress(address)?.isLoopback == true
    }

    /// A PEM text of a few kilobytes at most.
    private static func read(_ path: String, report: (String) -> Void) -> RSAKey? {
        let bytes: [UInt8]
        do throws(FileInspector.Refusal) {
            bytes = try FileInspector().read(path, limit: 16 << 10, isSecret: true)
        } catch {
            report(error.message)
            return nil
        }
        do throws(RSAKey.Failure) { return try RSAKey(pem: bytes) } catch {
            report("\(path): expected a private RSA key in PEM, without a passphrase")
            return nil
        }
    }
}
