internal import Bridge
internal import Cryptography

/// `brokerbridge key create`: the secret appears here, once, and nowhere else.
enum KeyCreateCommand {
    static func text(_ options: Command.KeyOptions, key: APIKey) -> String {
        let secret = key.secret.withBytes { String(decoding: $0, as: UTF8.self) }
        let scopes = options.scopes.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let accounts =
            options.accounts.isEmpty ? "all" : "[" + options.accounts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        return """
            The key, shown this once:

              \(secret)

            For the configuration, below 'keys:':

              - name: "\(options.name)"
                hash: "\(KeyHash(of: key))"
                scopes: [\(scopes)]
                accounts: \(accounts)

            """
    }
}
