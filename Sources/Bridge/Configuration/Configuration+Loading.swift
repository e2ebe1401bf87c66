extension Configuration {
    /// What a server must have to start.
    public enum Demand: Sendable {
        /// At least one key and one account.
        case service
        /// Nothing: the sandbox brings its own key and account.
        case sandbox
    }

    /// Reads the file (or none) and the environment, and checks all of it.
    ///
    /// - Parameters:
    ///   - file: a path, shown in messages as it is given.
    ///   - environment: the process's variables.
    /// - Throws: every problem found, at once.
    public static func load(
        file: String?, environment: [String: String], demand: Demand = .service
    ) throws(ConfigurationError) -> Configuration {
        let files = FileInspector()
        guard let file else {
            return try read(
                [], file: "configuration", hasPlaces: false, sharedRights: nil, environment: environment, demand: demand
            )
        }
        let bytes: [UInt8]
        do throws(FileInspector.Refusal) {
            bytes = try files.read(file, limit: YAMLLimits().bytes, isSecret: false)
        } catch {
            throw ConfigurationError(problems: [.init(file: file, location: nil, keyPath: "", message: error.message)])
        }
        return try read(
            bytes, file: file, sharedRights: files.rightsIfShared(file), environment: environment, demand: demand)
    }

    /// The same for a text that was already read.
    static func read(
        _ bytes: [UInt8], file: String, hasPlaces: Bool = true, sharedRights: String?, environment: [String: String],
        demand: Demand = .service,
        askedFor: ((Set<String>) -> Void)? = nil
    ) throws(ConfigurationError) -> Configuration {
        let context = ConfigurationContext(file: file, hasPlaces: hasPlaces)
        let outcome = YAMLReader.read(bytes)
        for problem in outcome.problems { context.report(problem.message, at: problem.location, path: "") }
        var configuration = Configuration()
        // A broken text has no values to judge; one with keys given twice has.
        if outcome.root != nil || outcome.problems.isEmpty {
            configuration.fill(
                from: outcome.root, context: context, environment: environment, sharedRights: sharedRights,
                demand: demand)
        }
        askedFor?(context.askedFor)
        guard context.problems.isEmpty else { throw ConfigurationError(problems: context.sortedProblems) }
        return configuration
    }

    private mutating func fill(
        from node: YAMLNode?, context: ConfigurationContext, environment: [String: String], sharedRights: String?,
        demand: Demand
    ) {
        let start = SourceLocation(line: 1, column: 1)
        guard let root = SectionReader(node, path: "", template: "", location: start, context: context) else { return }
        let files = FileInspector()
        let secrets = SecretSource(environment: environment, files: files, context: context, sharedRights: sharedRights)
        if let section = root.section("listen") { listen = ListenConfiguration(reading: section, files: files) }
        if let section = root.section("cors") { cors = CORSConfiguration(reading: section) }
        if let section = root.section("limits") { limits = LimitsConfiguration(reading: section) }
        // Trying out a sandbox must not open a real account because a shell happens to hold the vendor's variables.
        let isFromEnvironment =
            demand == .service && !root.has("accounts") && LongbridgeAccountConfiguration.isInEnvironment(environment)
        accounts =
            isFromEnvironment
            ? AccountConfiguration.fromEnvironment(root, secrets: secrets)
            : AccountConfiguration.readAll(in: root, secrets: secrets)
        var aliases = Self.aliasesWritten(in: root)
        if isFromEnvironment { aliases.append(AccountConfiguration.aliasFromEnvironment) }
        if demand == .sandbox { aliases += Self.sandboxAliases }
        keys = KeyConfiguration.readAll(in: root, aliases: aliases)
        if let section = root.section("watch") { watch = WatchConfiguration(reading: section, aliases: aliases) }
        if let section = root.section("log") { log = LogConfiguration(reading: section) }
        if let section = root.section("metrics") {
            metrics = MetricsConfiguration(reading: section, api: listen)
        }
        if let section = root.section("audit") { audit = AuditConfiguration(reading: section) }
        if let section = root.section("market_data") { marketData = MarketDataConfiguration(reading: section) }
        if let section = root.section("orders") { orders = OrdersConfiguration(reading: section) }
        if let section = root.section("state") { state = StateConfiguration(reading: section, secrets: secrets) }
        check(demand, hasAccounts: isFromEnvironment || !accounts.isEmpty, root: root)
    }

    /// The name of the account that `--sandbox` adds at the simulated Longbridge.
    public static let sandboxAlias = "sandbox"
    /// The name of the account that `--sandbox` adds at the simulated OpenD.
    public static let sandboxFutuAlias = "sandbox-futu"
    /// Both, in the order they are asked.
    public static let sandboxAliases = [sandboxAlias, sandboxFutuAlias]

    private func check(_ demand: Demand, hasAccounts: Bool, root: SectionReader) {
        switch demand {
        case .service:
            if keys.isEmpty, root.sectionsWritten("keys") == 0 {
                root.report(
                    "no key is configured, so nobody could call: make one with 'brokerbridge key create'", key: "keys")
            }
            if !hasAccounts, root.sectionsWritten("accounts") == 0 {
                root.report("no account is configured", key: "accounts")
            }
        case .sandbox:
            for alias in Self.sandboxAliases where accounts.contains(where: { $0.alias == alias }) {
                root.report("the name '\(alias)' is taken by --sandbox", key: "accounts")
            }
        }
    }

    /// The names of all accounts in the file, also of those refused for something else: one mistake, one message.
    private static func aliasesWritten(in root: SectionReader) -> [String] {
        guard case .sequence(let items) = root.node("accounts")?.content else { return [] }
        return items.compactMap { item in
            guard case .mapping(let entries) = item.content,
                case .scalar(let text, _) = entries.first(where: { $0.key == "alias" })?.value.content
            else { return nil }
            return text
        }
    }
}

extension SectionReader {
    /// How many items stand under a list key, whatever they are worth.
    fileprivate func sectionsWritten(_ key: String) -> Int {
        guard case .sequence(let items) = node(key)?.content else { return 0 }
        return items.count
    }
}
