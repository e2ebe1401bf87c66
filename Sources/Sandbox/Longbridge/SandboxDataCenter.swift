internal import HTTPServing
internal import HTTPWire

/// Where the account is kept. The simulated broker has one account, and shows it in both data centres: whole in Asia, its
/// dollars and American securities in the United States.
///
/// As at the vendor, credentials say it: those that begin with `us_` are of the United States, and `x-dc-region` has to say
/// the same. Every key, secret and token of the simulation is good in both forms.
///
/// - Source: `longbridge-http`, sections 1.1 and 5.1; what a mismatch is answered with is not documented.
enum SandboxDataCenter: String, Sendable {
    case asia = "ap"
    case unitedStates = "us"

    static let prefix = "us_"

    init(of credentials: String...) {
        self = credentials.contains { $0.hasPrefix(SandboxDataCenter.prefix) } ? .unitedStates : .asia
    }

    /// What stands before what it gives.
    var prefix: String { self == .unitedStates ? SandboxDataCenter.prefix : "" }

    /// The same credential as the simulation knows it.
    static func plain(_ credential: String) -> String {
        credential.hasPrefix(prefix) ? String(credential.dropFirst(prefix.count)) : credential
    }

    /// The one a request is sent to.
    init(calledBy head: HTTPRequestHead) {
        self = head.fields["X-Dc-Region"].flatMap { SandboxDataCenter(rawValue: $0) } ?? .asia
    }

    /// Whether it has a path. What is not about the account is in both.
    func has(_ path: String) -> Bool {
        switch self {
        case .asia: !path.hasPrefix("/v1/us/") || path.hasPrefix("/v1/us/ipo/")
        case .unitedStates: !SandboxDataCenter.asiaOnly.contains(path)
        }
    }

    /// Paths of methods other than `GET` are the same in both.
    static let asiaOnly: Set<String> = [
        "/v1/asset/account", "/v1/asset/cashflow", "/v1/asset/stock", "/v1/asset/fund", "/v1/asset/exchange_rates",
        "/v1/risk/margin-ratio", "/v3/trade/execution/all", "/v1/quote/broker-holding/detail",
        "/v1/quote/broker-holding/daily", "/v1/quote/operatings",
    ]
}

extension LongbridgeSandbox {
    /// Whether a verified request came to the data centre of its account, and that has the call.
    func dataCenterRefusal(_ request: HTTPRequest) -> SandboxRequestCheck.Refusal? {
        let head = request.head
        let token = head.fields["Authorization"] ?? ""
        let home =
            token.hasPrefix("Bearer ")
            ? SandboxDataCenter(of: String(token.dropFirst(7)))
            : SandboxDataCenter(of: token, head.fields["X-Api-Key"] ?? "")
        guard SandboxDataCenter(calledBy: head) == home else {
            return .init(status: 401, code: 401_004, message: "token invalid")
        }
        let path = String(head.target.rawPath)
        let isDetail = path == "/v1/trade/order" && head.method == .get
        guard home.has(path), !(home == .unitedStates && isDetail) else {
            return .init(status: 403, code: 301_604, message: "no access in this data center")
        }
        return nil
    }
}
