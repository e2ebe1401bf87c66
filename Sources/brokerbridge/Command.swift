internal import Bridge
internal import Clocks

/// What the command line asks for.
enum Command: Equatable {
    case serve(ServeOptions)
    case sandbox(RunOptions)
    case checkConfiguration(file: String)
    case createKey(KeyOptions)
    case listKeys(state: String)
    case revokeKey(state: String, id: String)
    case verifyAudit(AuditVerifyOptions)
    case exportAudit(AuditExportOptions)
    case healthcheck(url: String)
    case login(LoginOptions)
    case help(String)
    case version

    /// What everything that listens takes.
    struct RunOptions: Equatable {
        /// Instead of the configured addresses.
        var listen: [ListenAddress] = []
        var state = "./state"
        var readyFile: String?
    }

    struct ServeOptions: Equatable {
        var configuration: String?
        var isSandbox = false
        var run = RunOptions()
    }

    struct LoginOptions: Equatable {
        var account: String
        var isDevice = false
        var url = "http://127.0.0.1:8080"
        /// Instead of BROKERBRIDGE_KEY.
        var keyFile: String?
    }

    struct KeyOptions: Equatable {
        var name: String
        var scopes: [Scope]
        /// Empty: all.
        var accounts: [String]
        /// Keep it in this state folder; absent: print it for the configuration.
        var state: String?
        var expires: WallTime?
    }
}

extension Command {
    private static let listen = OptionDescription(
        name: "--listen", placeholder: "ADDRESS", isRepeatable: true,
        meaning: "Listen here instead of where the configuration says, such as 127.0.0.1:0.")
    private static let listenAlone = OptionDescription(
        name: "--listen", placeholder: "ADDRESS",
        meaning: "Where to listen, on loopback; default: 127.0.0.1 and a port the system chooses.")
    private static let state = OptionDescription(
        name: "--state", placeholder: "DIR",
        meaning: "Folder for everything that is kept; default ./state. One process at a time.")
    private static let readyFile = OptionDescription(
        name: "--ready-file", placeholder: "PATH",
        meaning: "Written, as JSON, once everything listens; removed at the end.")

    static let descriptions: [CommandDescription] = [
        serve, sandbox, login, checkConfiguration, createKey, listKeys, revokeKey, verifyAudit, exportAudit,
        healthcheck,
    ]

    private static let serve = CommandDescription(
        words: ["serve"], summary: "Run the bridge.",
        options: [
            OptionDescription(
                name: "--config", placeholder: "FILE", meaning: "The configuration; see docs/configuration.md."),
            OptionDescription(
                name: "--sandbox", placeholder: nil,
                meaning:
                    "Add simulated brokers with the accounts 'sandbox' and 'sandbox-futu', and a demo key for them."),
            listen, state, readyFile,
        ],
        operands: [],
        notes: """
            Signals: TERM and INT stop gracefully, a second one at once; HUP reads the configuration again.
            Ends with 0; 64 for a wrong command line, 69 if it cannot listen, 73 or 75 if the state folder cannot be used
            or is in use, 78 for a wrong configuration.
            """)

    private static let sandbox = CommandDescription(
        words: ["sandbox"], summary: "Run the simulated broker alone, for the vendor's SDKs and other clients.",
        options: [listenAlone, state, readyFile], operands: [],
        notes: "It prints the environment variables that point the vendor's SDK at it.")

    private static let checkConfiguration = CommandDescription(
        words: ["check-config"], summary: "Read a configuration and report everything wrong with it.", options: [],
        operands: ["FILE"], notes: "Ends with 0 if it can be served, else with 78.")

    private static let createKey = CommandDescription(
        words: ["key", "create"],
        summary: "Make an API key: print the secret once, and the lines for the configuration.",
        options: [
            OptionDescription(name: "--name", placeholder: "NAME", isRequired: true, meaning: "Shown in logs; unique."),
            OptionDescription(
                name: "--scope", placeholder: "SCOPE", isRepeatable: true, isRequired: true,
                meaning: "One of \(Scope.allCases.map(\.rawValue).joined(separator: ", "))."),
            OptionDescription(
                name: "--account", placeholder: "ALIAS", isRepeatable: true,
                meaning: "An account it may use; default: all."),
            OptionDescription(
                name: "--state", placeholder: "DIR",
                meaning: "Keep the key in this state folder, of a bridge that does not run, instead of printing lines."),
            OptionDescription(
                name: "--expires", placeholder: "TIME", meaning: "When it stops working (RFC 3339); with --state only."),
        ], operands: [],
        notes: "A bridge that runs makes keys by POST /v1/keys.")

    private static let keyState = OptionDescription(
        name: "--state", placeholder: "DIR", meaning: "The state folder; default ./state.")

    private static let listKeys = CommandDescription(
        words: ["key", "list"], summary: "Show the keys of a state folder, of a bridge that does not run.",
        options: [keyState], operands: [])

    private static let revokeKey = CommandDescription(
        words: ["key", "revoke"], summary: "Revoke a key of a state folder, of a bridge that does not run.",
        options: [keyState], operands: ["ID"],
        notes: "A bridge that runs revokes keys by DELETE /v1/keys/ID, at once and on open streams too.")

    private static let healthcheck = CommandDescription(
        words: ["healthcheck"], summary: "Ask a running bridge whether it is alive.", options: [], operands: ["URL"],
        notes: "A URL without a path asks for /healthz. Ends with 0 if the answer is 200 within 5 seconds, else with 1."
    )

    private static let login = CommandDescription(
        words: ["login"], summary: "Authorize an account of a running bridge: show a page or a code, and wait.",
        options: [
            OptionDescription(
                name: "--device", placeholder: nil,
                meaning: "By a code typed on any machine, for a bridge no browser can come back to."),
            OptionDescription(
                name: "--url", placeholder: "URL", meaning: "The bridge; default http://127.0.0.1:8080."),
            OptionDescription(
                name: "--key-file", placeholder: "FILE",
                meaning: "Holds a key with the scope admin; default: BROKERBRIDGE_KEY in the environment."),
        ], operands: ["ACCOUNT"], notes: "Ends with 0 once the account is authorized, else with 1.")

    /// Reads everything after the program's name.
    init(_ arguments: [String]) throws(CommandFailure) {
        guard let first = arguments.first else { throw CommandFailure(.usage, "a command is required") }
        if first == "--help" || first == "-h" || first == "help" {
            self = .help(Self.generalHelp)
            return
        }
        if first == "--version" {
            guard arguments.count == 1 else { throw CommandFailure(.usage, "--version stands alone") }
            self = .version
            return
        }
        guard let command = Self.descriptions.first(where: { arguments.starts(with: $0.words) }) else {
            let group = Self.descriptions.filter { $0.words.count == 2 && $0.words[0] == first }
            if !group.isEmpty, arguments.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }) {
                self = .help(Self.help(of: first, group))
                return
            }
            throw CommandFailure(
                .usage,
                group.isEmpty
                    ? "unknown command '\(first)'"
                    : "'\(first)' needs \(group.map { "'\($0.words[1])'" }.joined(separator: " or "))")
        }
        let rest = Array(arguments.dropFirst(command.words.count))
        if rest.contains("--help") || rest.contains("-h") {
            self = .help(command.help)
            return
        }
        let options = try ParsedOptions(rest, for: command)
        switch command.name {
        case "serve":
            self = .serve(
                ServeOptions(
                    configuration: options.value("--config"), isSandbox: options.isGiven("--sandbox"),
                    run: try Self.run(options)))
        case "sandbox": self = .sandbox(try Self.run(options))
        case "check-config": self = .checkConfiguration(file: options.operands[0])
        case "login": self = .login(try Self.login(options))
        case "healthcheck": self = .healthcheck(url: options.operands[0])
        case "key list": self = .listKeys(state: options.value("--state") ?? "./state")
        case "key revoke":
            self = .revokeKey(state: options.value("--state") ?? "./state", id: options.operands.first ?? "")
        case "audit verify": self = .verifyAudit(Self.auditVerify(options))
        case "audit export": self = .exportAudit(try Self.auditExport(options))
        default: self = .createKey(try Self.key(options))
        }
    }

    private static func run(_ options: ParsedOptions) throws(CommandFailure) -> RunOptions {
        var run = RunOptions()
        for text in options.values("--listen") {
            guard let address = ListenAddress(text) else {
                throw CommandFailure(
                    .usage, "--listen needs an address with a port, such as 127.0.0.1:8080, not '\(text)'")
            }
            run.listen.append(address)
        }
        run.state = options.value("--state") ?? run.state
        run.readyFile = options.value("--ready-file")
        return run
    }

    private static func login(_ options: ParsedOptions) throws(CommandFailure) -> LoginOptions {
        let account = options.operands[0]
        guard AccountConfiguration.isAlias(account) else {
            throw CommandFailure(.usage, "ACCOUNT needs lower-case letters, digits and '-', not '\(account)'")
        }
        var login = LoginOptions(account: account)
        login.isDevice = options.isGiven("--device")
        login.url = options.value("--url") ?? login.url
        login.keyFile = options.value("--key-file")
        return login
    }

    private static func key(_ options: ParsedOptions) throws(CommandFailure) -> KeyOptions {
        let name = options.value("--name") ?? ""
        guard KeyConfiguration.isName(name) else {
            throw CommandFailure(.usage, "--name needs 1 to 64 of letters, digits, '.', '_', '-'")
        }
        var scopes: [Scope] = []
        for text in options.values("--scope") {
            guard let scope = Scope(rawValue: text) else {
                throw CommandFailure(
                    .usage, "--scope knows \(Scope.allCases.map(\.rawValue).joined(separator: ", ")); not '\(text)'")
            }
            if !scopes.contains(scope) { scopes.append(scope) }
        }
        for alias in options.values("--account") where !AccountConfiguration.isAlias(alias) {
            throw CommandFailure(.usage, "--account needs lower-case letters, digits and '-', not '\(alias)'")
        }
        var parsed = KeyOptions(name: name, scopes: scopes, accounts: options.values("--account"))
        parsed.state = options.value("--state")
        if let text = options.value("--expires") {
            guard let time = WallTime(rfc3339: text) else {
                throw CommandFailure(.usage, "--expires needs a time such as 2027-01-31T12:00:00Z, not '\(text)'")
            }
            guard parsed.state != nil else { throw CommandFailure(.usage, "--expires goes with --state") }
            parsed.expires = time
        }
        return parsed
    }

    private static func rows(_ commands: [CommandDescription]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        return commands.map {
            "  \($0.name)\(String(repeating: " ", count: width - $0.name.count))  \($0.summary)"
        }.joined(separator: "\n")
    }

    /// The help of a first word that several commands share.
    private static func help(of word: String, _ commands: [CommandDescription]) -> String {
        """
        Usage: brokerbridge \(word) COMMAND [OPTIONS]

        Commands:
        \(rows(commands))

        brokerbridge \(word) COMMAND --help tells more.\n
        """
    }

    static var generalHelp: String {
        """
        BrokerBridge gives trading programs one REST and event-stream interface to their brokers.

        Usage: brokerbridge COMMAND [OPTIONS]

        Commands:
        \(rows(descriptions))

        brokerbridge COMMAND --help tells more. brokerbridge --version prints the version.
        To try it without a broker: brokerbridge serve --sandbox\n
        """
    }
}
