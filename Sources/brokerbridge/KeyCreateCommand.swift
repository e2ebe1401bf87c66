internal import Bridge
internal import Cryptography
internal import Glibc

/// `brokerbridge key create`: the secret appears here, once, and nowhere else.
enum KeyCreateCommand {
    static func run(_ options: Command.KeyOptions) throws(CommandFailure) {
        let key = APIKey.generate()
        guard let state = options.state else {
            return ProcessSetUp.write(text(options, key: key), to: STDOUT_FILENO)
        }
        let id = try KeyStateCommands.create(options, key: key, in: state)
        let secret = key.secret.withBytes { String(decoding: $0, as: UTF8.self) }
        ProcessSetUp.write("The key \(id), shown this once:\n\n  \(secret)\n", to: STDOUT_FILENO)
    }

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
