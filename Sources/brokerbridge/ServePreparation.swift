internal import Bridge
internal import BrokerModel

/// Everything `serve` decides before the loop runs: the whole configuration is known to be right, and the state is ours.
struct ServePreparation {
    let options: Command.ServeOptions
    let configuration: Configuration
    /// The demo key of a sandbox; its hash is among the configuration's keys.
    let demoKey: APIKey?
    /// What the process may open.
    let descriptors: Int

    /// Reads and checks; opens nothing.
    init(_ options: Command.ServeOptions, environment: [String: String], descriptors: Int) throws(CommandFailure) {
        let demoKey = options.isSandbox ? APIKey.generate() : nil
        self.options = options
        self.demoKey = demoKey
        self.descriptors = descriptors
        configuration = try Self.read(options, demoKey: demoKey, environment: environment, descriptors: descriptors)
    }

    /// The configuration as it stands on disk now, prepared in the same way; for HUP.
    func reread(environment: [String: String]) throws(CommandFailure) -> Configuration {
        try Self.read(options, demoKey: demoKey, environment: environment, descriptors: descriptors)
    }

    private static func read(
        _ options: Command.ServeOptions, demoKey: APIKey?, environment: [String: String], descriptors: Int
    ) throws(CommandFailure) -> Configuration {
        var configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(
                file: options.configuration, environment: environment, demand: options.isSandbox ? .sandbox : .service)
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
        if !options.run.listen.isEmpty { configuration.listen.addresses = options.run.listen }
        let refusals = options.run.listen.compactMap { configuration.listen.plainHTTPProblem(at: $0) }
        guard refusals.isEmpty else {
            throw CommandFailure(.configuration, refusals.map { "--listen: \($0)" }.joined(separator: "\n"))
        }
        do throws(ConfigurationProblem) {
            configuration.limits = try configuration.limits.fitted(toDescriptors: descriptors)
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
        if let demoKey { try addDemoKey(demoKey, to: &configuration) }
        return configuration
    }

    /// The name of the demo key in the log.
    static let demoKeyName = "demo"

    /// The demo key reaches the simulation only. Rights that are not an account's go with it only if nothing else is served.
    private static func addDemoKey(_ key: APIKey, to configuration: inout Configuration) throws(CommandFailure) {
        guard !configuration.keys.contains(where: { $0.name == demoKeyName }) else {
            throw CommandFailure(.configuration, "keys: the name '\(demoKeyName)' is taken by --sandbox")
        }
        let accountScopes: Set<Scope> = [.marketRead, .accountRead, .trade, .tradeCancel]
        configuration.keys.append(
            KeyConfiguration(
                name: demoKeyName, hash: KeyHash(of: key),
                scopes: configuration.accounts.isEmpty ? Set(Scope.allCases) : accountScopes,
                accounts: .only(Set(Configuration.sandboxAliases))))
    }
}
