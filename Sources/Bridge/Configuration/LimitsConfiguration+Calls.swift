// How often a key may call, and how many of its calls may be under way: for each class of endpoints.
extension LimitsConfiguration {
    static let rateSettings: [(group: EndpointClass, setting: Setting<RequestRate>)] = EndpointClass.allCases.map {
        let usual = RequestRate.usual[$0].map { "`\($0)`" } ?? "none"
        return (
            $0,
            Setting(
                "limits.rates.\($0.rawValue)", .requestRate, default: usual,
                "How often one key may call \($0.meaning); more is answered 429.")
        )
    }

    static let concurrencySettings: [(group: EndpointClass, setting: Setting<Int>)] = EndpointClass.allCases.map {
        (
            $0,
            Setting(
                "limits.concurrency.\($0.rawValue)", .integer(1...100_000),
                default: "`\(EndpointClass.usualConcurrency[$0] ?? 1)`",
                "Calls of one key to \($0.meaning) that may wait for their answer at once.")
        )
    }

    /// Reads `rates`, `endpoints` and `concurrency`.
    mutating func readCalls(_ section: SectionReader) {
        if let part = section.section("rates") {
            for (group, setting) in Self.rateSettings {
                if let rate = part.optional(setting) { rates[group] = rate }
            }
        }
        if let rates = Endpoint.readRates(Endpoint.limitSetting, in: section) { endpoints = rates }
        if let part = section.section("concurrency") {
            for (group, setting) in Self.concurrencySettings {
                if let count = part.optional(setting) { concurrency[group] = count }
            }
        }
    }
}

extension EndpointClass {
    /// As the documentation calls its endpoints.
    var meaning: String {
        switch self {
        case .market: "market data and streams"
        case .account: "accounts, holdings and lists of orders"
        case .trade: "what changes something at a broker"
        case .cancel: "cancellations"
        case .admin: "keys, the audit log and logins"
        }
    }

    /// Where it stands among all of them, from 0.
    var number: Int {
        switch self {
        case .market: 0
        case .account: 1
        case .trade: 2
        case .cancel: 3
        case .admin: 4
        }
    }

    /// The defaults of `limits.concurrency`.
    public static let usualConcurrency: [EndpointClass: Int] = [
        .market: 1000, .account: 500, .trade: 500, .cancel: 500, .admin: 100,
    ]
}

extension RequestRate {
    /// The defaults of `limits.rates`. Market data is answered from memory, about as fast as one processor can.
    public static let usual: [EndpointClass: RequestRate] = [
        .market: RequestRate(200_000, per: 1), .account: RequestRate(2000, per: 1), .trade: RequestRate(6000, per: 60),
        .cancel: RequestRate(6000, per: 60), .admin: RequestRate(6000, per: 60),
    ]
}
