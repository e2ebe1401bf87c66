public import BrokerModel
public import Clocks

/// One API key as the configuration describes it.
public struct KeyConfiguration: Sendable, Equatable {
    /// For logs and audit; unique.
    public var name: String
    /// Of the whole secret text.
    public var hash: KeyHash
    /// Never empty.
    public var scopes: Set<Scope>
    /// Which accounts it may use.
    public var accounts: AccountAccess
    /// The only securities it may use; absent: all.
    public var symbols: Set<Symbol>?
    /// The only client addresses it works from; absent: any.
    public var ranges: [AddressRange]?
    /// When it stops working.
    public var expires: WallTime?
    /// What it may do at the most, beside the account's own rules.
    public var risk = RiskRules()
    /// How often it may call, where that is not the default.
    public var rates: [EndpointClass: RequestRate] = [:]
    /// How often it may call single endpoints, where that is not the default.
    public var endpoints: [Endpoint: RequestRate] = [:]
    /// What it may hold at once, where that is not the default.
    public var caps = KeyCaps()

    /// One key; nothing is checked against other parts of the configuration.
    public init(
        name: String, hash: KeyHash, scopes: Set<Scope>, accounts: AccountAccess, symbols: Set<Symbol>? = nil,
        ranges: [AddressRange]? = nil, expires: WallTime? = nil
    ) {
        self.name = name
        self.hash = hash
        self.scopes = scopes
        self.accounts = accounts
        self.symbols = symbols
        self.ranges = ranges
        self.expires = expires
    }
}

extension KeyConfiguration {
    private static let name = Setting(
        "keys[].name", .identifier, default: "required", reloads: true, "Shown in the log; unique.")
    private static let hash = Setting(
        "keys[].hash", .keyHash, default: "required", reloads: true,
        "What `brokerbridge key create` printed. The secret itself is stored nowhere.")
    private static let scopes = Setting(
        "keys[].scopes", .list(of: Form<Scope>.word, count: 1...Scope.allCases.count), default: "required",
        reloads: true,
        "What the key may do.")
    private static let accounts = Setting(
        "keys[].accounts", .accountAccess, default: "required", reloads: true, "Which accounts it may use.")
    private static let symbols = Setting(
        "keys[].symbols", .list(of: .symbol, count: 1...1000), default: "all", reloads: true,
        "The only securities it may use, such as `700.HK`.")
    private static let ranges = Setting(
        "keys[].cidrs", .list(of: .addressRange, count: 1...64), default: "any", reloads: true,
        "The only client addresses it works from.")
    private static let expires = Setting(
        "keys[].expires", .pointInTime, default: "never", reloads: true,
        "When it stops working: `2027-01-31` or `2027-01-31T12:00:00Z`.")

    static let rows =
        [name.row, hash.row, scopes.row, accounts.row, symbols.row, ranges.row, expires.row] + boundRows
        + [Endpoint.keySetting.row] + KeyCaps.rows

    /// `nil` when a required part is missing or refused; that is reported then.
    init?(reading section: SectionReader) {
        let name = section.required(Self.name)
        let hash = section.required(Self.hash)
        let scopes = section.required(Self.scopes)
        let accounts = section.required(Self.accounts)
        let symbols = section.optional(Self.symbols)
        let ranges = section.optional(Self.ranges)
        let expires = section.optional(Self.expires)
        let bounds = Self.readBounds(in: section)
        let endpoints = Endpoint.readRates(Endpoint.keySetting, in: section)
        let caps = KeyCaps(reading: section)
        // A restriction that was refused must not become a key without it.
        let isWhole =
            (symbols != nil || !section.has("symbols")) && (ranges != nil || !section.has("cidrs"))
            && (expires != nil || !section.has("expires"))
        guard let name, let hash, let scopes, let accounts, let bounds, let endpoints, let caps, isWhole else {
            return nil
        }
        self.init(
            name: name, hash: hash, scopes: Set(scopes), accounts: accounts, symbols: symbols.map(Set.init),
            ranges: ranges,
            expires: expires)
        rates = bounds.rates
        risk = bounds.risk
        self.endpoints = endpoints
        self.caps = caps
    }

    /// Reads all keys and refuses two with one name or one hash, and accounts that `aliases` lacks.
    static func readAll(in root: SectionReader, aliases: [String]) -> [KeyConfiguration] {
        var keys: [KeyConfiguration] = []
        for section in root.sections("keys", limit: 1000) {
            guard let key = KeyConfiguration(reading: section) else { continue }
            if keys.contains(where: { $0.name == key.name }) {
                section.report("another key has the name \(Quoted(key.name))", key: "name")
            }
            if let twin = keys.first(where: { $0.hash == key.hash }) {
                section.report("the key \(Quoted(twin.name)) has the same hash", key: "hash")
            }
            if case .only(let allowed) = key.accounts {
                for alias in allowed.sorted() where !aliases.contains(alias) {
                    let hint = nearest(to: alias, among: aliases).map { "; did you mean \($0)?" } ?? ""
                    section.report("there is no account \(Quoted(alias))\(hint)", key: "accounts")
                }
            }
            keys.append(key)
        }
        return keys
    }
}

extension KeyConfiguration {
    /// Whether a text can name a key: 1 to 64 of letters, digits, `.`, `_`, `-`.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension Form where Value == String {
    /// A name for keys: letters, digits, `.`, `_`, `-`, at most 64.
    static var identifier: Form {
        .scalar("name") { text throws(FormError) in
            guard KeyConfiguration.isName(text) else {
                throw FormError("\(Quoted(text)) is not a name: 1 to 64 of letters, digits, '.', '_', '-'")
            }
            return text
        }
    }

    /// A name for accounts, which stands in URLs and in names of environment variables: lower-case letters, digits, `-`.
    static var alias: Form {
        .scalar("account name") { text throws(FormError) in
            guard AccountConfiguration.isAlias(text) else {
                throw FormError("\(Quoted(text)) is not an account name: 1 to 32 of lower-case letters, digits and '-'")
            }
            return text
        }
    }
}

extension Form where Value == KeyHash {
    static var keyHash: Form {
        .scalar("`sha256:` and 64 hexadecimal digits") { text throws(FormError) in
            if text.hasPrefix(APIKey.prefix) {
                throw FormError("this is a key itself, not its hash: make a new one with 'brokerbridge key create'")
            }
            guard let hash = KeyHash(text) else { throw FormError("expected sha256: and 64 hexadecimal digits") }
            return hash
        }
    }
}

extension Form where Value == AccountAccess {
    /// The word `all`, or a list of aliases.
    static var accountAccess: Form {
        Form(name: "`all`, or list of account names") { node, path, context in
            if case .scalar(let text, _) = node.content, !node.isNull {
                if text == "all" { return .all }
                context.report(
                    "expected all or a list of accounts, found \(Quoted(text))", at: node.location, path: path)
                return nil
            }
            return Form<[String]>.list(of: .alias, count: 1...64).read(node, path, context).map { .only(Set($0)) }
        }
    }
}

extension Form where Value == Symbol {
    static var symbol: Form {
        .scalar("symbol") { text throws(FormError) in
            guard let symbol = Symbol(text) else {
                throw FormError("\(Quoted(text)) is not a symbol; symbols look like 700.HK or AAPL.US")
            }
            return symbol
        }
    }
}

extension Form where Value == WallTime {
    /// A day (its beginning, UTC) or an RFC 3339 time.
    static var pointInTime: Form {
        .scalar("date, or time in RFC 3339") { text throws(FormError) in
            if let date = CivilDate(iso: text) { return WallTime(seconds: Int64(date.daysSinceEpoch) * 86_400) }
            guard let time = WallTime(rfc3339: text) else {
                throw FormError("expected 2027-01-31 or 2027-01-31T12:00:00Z, found \(Quoted(text))")
            }
            return time
        }
    }
}
