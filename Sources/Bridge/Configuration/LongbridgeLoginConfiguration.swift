internal import BrokerModel
public import Cryptography

/// How an account is opened by a login of its owner: OAuth 2.0.
public struct LongbridgeLoginConfiguration: Sendable {
    /// The client; absent, the bridge registers one.
    public var clientID: String?
    /// For a confidential client.
    public var clientSecret: Secret?
    /// What is asked for; empty leaves it to the person.
    public var scopes: [String] = []
    /// A token file of the vendor's SDK to start from.
    public var tokenFile: String?
    /// Where the authorization server is; absent, the base of the HTTP API.
    public var server: String?

    /// The content of the token file now; `nil` if there is none or others can reach it.
    public static func content(ofTokenFile path: String) -> [UInt8]? {
        try? FileInspector().read(path, limit: 64 << 10, isSecret: true)
    }

    /// The ways in.
    enum Way: String, CaseIterable, Sendable {
        case oauth
        case apiKey = "api_key"
    }

    private static let way = Setting(
        "accounts[].longbridge.auth", Form<Way>.word, default: "`oauth`; `api_key` where `app_key` is given",
        "How the account is opened: by a login of its owner (docs/authorization.md), or by a key of the portal.")
    private static let clientID = Setting(
        "accounts[].longbridge.client_id", .text("client id", limit: 256), default: "registered when first needed",
        "The OAuth client.")
    private static let clientSecret = SecretSource.Pair(
        text: Setting(
            "accounts[].longbridge.client_secret", .secret, default: "none", "Only for a confidential client."),
        file: Setting(
            "accounts[].longbridge.client_secret_file", .path, default: "none",
            "A file that holds `client_secret`; only its owner may read it."))
    private static let scopes = Setting(
        "accounts[].longbridge.scopes", .list(of: .text("scope", limit: 64), count: 0...32), default: "none",
        "What a login asks for; none leaves it to the person on the broker's page.")
    private static let tokenFile = Setting(
        "accounts[].longbridge.token_file", .path, default: "none",
        "A token file of the vendor's SDK to start from; only its owner may read it. The SDK must not use it any more.")
    private static let server = Setting(
        "accounts[].longbridge.oauth_url", .url(schemes: ["https", "http"]), default: "`http_url`",
        "Base of the authorization server. Without TLS only for a sandbox or on loopback.")

    static let rows = [
        way.row, clientID.row, clientSecret.text.row, clientSecret.file.row, scopes.row, tokenFile.row, server.row,
    ]

    /// `nil` for an account that is opened by a key. `hasKey`: some part of a key is configured.
    init?(
        reading section: SectionReader, alias: String?, environment: AccountEnvironment?, hasKey: Bool,
        secrets: SecretSource
    ) {
        let written = section.optional(Self.way)
        clientID = section.optional(Self.clientID)
        let names = alias.map { [LongbridgeAccountConfiguration.variable(alias: $0, key: "client_secret")] } ?? []
        clientSecret = secrets.find(Self.clientSecret, in: section, names: names, isRequired: false)
        scopes = section.optional(Self.scopes) ?? []
        tokenFile = section.optional(Self.tokenFile)
        server = section.optional(Self.server)
        let isLogin = (written ?? (hasKey ? .apiKey : .oauth)) == .oauth
        guard isLogin else {
            for key in ["client_id", "client_secret", "client_secret_file", "scopes", "token_file", "oauth_url"]
            where section.has(key) {
                section.report("only for an account with auth: oauth", key: key)
            }
            return nil
        }
        // The vendor's own variables may be meant for other programs.
        for key in LongbridgeAccountConfiguration.secretKeys where section.has(key) || section.has("\(key)_file") {
            section.report("only for an account with auth: api_key", key: section.has(key) ? key : "\(key)_file")
        }
        if clientSecret != nil, clientID == nil {
            section.report("a client secret needs its client_id", key: "client_id")
        }
        if let tokenFile, let problem = FileInspector().problemReadingSecret(tokenFile) {
            section.report(problem, key: "token_file")
        }
        if let server, let endpoint = EndpointURL(server), endpoint.isPlain, environment != .sandbox,
            !endpoint.isLoopback
        {
            section.report("without TLS the account's tokens can be read on the way", key: "oauth_url")
        }
    }
}
