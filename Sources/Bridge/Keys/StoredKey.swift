internal import BrokerModel
internal import Bytes
internal import Clocks
internal import HTTPWire

/// A key made while the program ran, or by `brokerbridge key create --state`.
struct StoredKey: Sendable, Equatable {
    /// For the API; says nothing of the secret.
    var id: String
    var key: KeyConfiguration
    var createdAt: WallTime
}

extension KeyConfiguration {
    /// What a key may be, from a body. Its hash is that of a secret made for it.
    init(reading body: inout BodyReader, hash: KeyHash) throws(Problem) {
        func invalid(_ name: String, _ detail: String) -> Problem {
            Problem(status: 400, code: "invalid_field", detail: detail, field: "/\(name)")
        }
        let name = try body.required("name", body.string("name", maximumBytes: 64))
        guard KeyConfiguration.isName(name) else {
            throw invalid("name", "A name is 1 to 64 of letters, digits, '.', '_', '-'.")
        }
        let scopes: Set<Scope> = try body.required("scopes", body.words("scopes"))
        guard !scopes.isEmpty else { throw invalid("scopes", "A key needs at least one scope.") }
        let accounts: AccountAccess
        switch body.value("accounts") {
        case nil: throw invalid("accounts", "accounts is needed: \"all\", or a list of accounts.")
        case .string("all"): accounts = .all
        default:
            let aliases = try body.strings("accounts", maximumCount: 64) ?? []
            for alias in aliases where !AccountConfiguration.isAlias(alias) {
                throw invalid("accounts", "accounts holds something that is no account.")
            }
            accounts = .only(Set(aliases))
        }
        self.init(name: name, hash: hash, scopes: scopes, accounts: accounts)
        if let texts = try body.strings("symbols", maximumCount: 1000) {
            var symbols: Set<Symbol> = []
            for text in texts {
                guard let symbol = Symbol(text) else { throw .symbol(text, field: "/symbols") }
                symbols.insert(symbol)
            }
            self.symbols = symbols
        }
        if let texts = try body.strings("cidrs", maximumCount: 64) {
            ranges = []
            for text in texts {
                guard let range = AddressRange(text) else {
                    throw invalid("cidrs", "cidrs holds something that is no range of addresses.")
                }
                ranges?.append(range)
            }
        }
        if let text = try body.string("expires", maximumBytes: 40) {
            guard let time = WallTime(rfc3339: text) else {
                throw invalid("expires", "expires is not a time such as 2027-01-31T12:00:00Z.")
            }
            expires = time
        }
        if var part = try body.object("risk") {
            risk = try RiskRules(reading: &part)
            try part.finish()
        }
        if var part = try body.object("rates") {
            for group in EndpointClass.allCases { rates[group] = try KeyConfiguration.rate(group, &part) }
            try part.finish()
        }
        if let value = body.value("endpoints") { endpoints = try KeyConfiguration.endpointRates(value) }
        caps.streams = try body.integer("streams", in: 0...100_000)
        caps.topics = try body.integer("topics", in: 0...10_000_000)
        if var part = try body.object("concurrency") {
            for group in EndpointClass.allCases {
                caps.concurrency[group] = try part.integer(group.rawValue, in: 1...100_000)
            }
            try part.finish()
        }
    }

    private static func endpointRates(_ value: JSONValue) throws(Problem) -> [Endpoint: RequestRate] {
        func invalid(_ detail: String) -> Problem {
            Problem(status: 400, code: "invalid_field", detail: detail, field: "/endpoints")
        }
        guard let members = value.objectValue?.members, members.count <= Endpoint.maximumCount else {
            throw invalid("endpoints is an object of at most \(Endpoint.maximumCount) members.")
        }
        var rates: [Endpoint: RequestRate] = [:]
        for (name, value) in members {
            guard let endpoint = Endpoint(name), let rate = value.stringValue.flatMap({ RequestRate($0) }) else {
                var problem = invalid("endpoints has members such as \"GET /v1/quotes\": \"10/s\".")
                if Endpoint(name) == nil {
                    problem.suggestions = [nearest(to: name, among: Endpoint.all)].compactMap(\.self)
                }
                throw problem
            }
            rates[endpoint] = rate
        }
        return rates
    }

    private static func rate(_ group: EndpointClass, _ part: inout BodyReader) throws(Problem) -> RequestRate? {
        guard let value = part.value(group.rawValue) else { return nil }
        guard let rate = value.stringValue.flatMap({ RequestRate($0) }) else {
            throw part.invalid(group.rawValue, "\(group.rawValue) is not a rate such as \"10/s\".")
        }
        return rate
    }

    /// Its members, without any secret or hash.
    func writeMembers(to json: inout JSONWriter) {
        json.key("name")
        json.string(name)
        json.key("scopes")
        json.strings(scopes.map(\.rawValue).sorted())
        json.key("accounts")
        switch accounts {
        case .all: json.string("all")
        case .only(let aliases): json.strings(aliases.sorted())
        }
        json.key("symbols")
        json.strings(symbols.map { $0.map(\.text).sorted() })
        json.key("cidrs")
        json.strings(ranges.map { $0.map(\.description) })
        json.key("expires")
        json.string(expires?.rfc3339)
        json.key("risk")
        if risk.isEmpty { json.null() } else { risk.write(to: &json) }
        json.key("rates")
        json.beginObject()
        for (group, rate) in rates.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            json.key(dynamic: group.rawValue)
            json.string(rate.description)
        }
        json.endObject()
        json.key("endpoints")
        json.beginObject()
        for (endpoint, rate) in endpoints.sorted(by: { $0.key < $1.key }) {
            json.key(dynamic: endpoint.description)
            json.string(rate.description)
        }
        json.endObject()
        json.key("concurrency")
        json.beginObject()
        for (group, count) in caps.concurrency.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            json.key(dynamic: group.rawValue)
            json.int(count)
        }
        json.endObject()
        json.key("streams")
        json.int(caps.streams)
        json.key("topics")
        json.int(caps.topics)
    }

    /// As one text, for the state.
    var text: String {
        var json = JSONWriter()
        json.beginObject()
        writeMembers(to: &json)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Reads what ``text`` gave; `nil` for anything else.
    static func read(_ text: String, hash: KeyHash) -> KeyConfiguration? {
        do throws(Problem) {
            var body = try BodyReader(Array(text.utf8))
            let key = try KeyConfiguration(reading: &body, hash: hash)
            try body.finish()
            return key
        } catch { return nil }
    }
}
